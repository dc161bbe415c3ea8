/* bitblt_random.c: random BitBlts against the reference.
 *
 *   bitblt_random COUNT SEED [FIRST]
 *
 * runs the cases FIRST (0) … FIRST + COUNT - 1 of a seed, prints the first difference and how many cases
 * agreed, and ends with 1 when one differed: `bitblt_random 1 SEED CASE` runs that again.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bitblt_cases.h"
#include "prim_support.h"

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: bitblt_random COUNT SEED [FIRST]\n");
    return 2;
  }
  const uint64_t count = strtoull(argv[1], NULL, 10), seed = strtoull(argv[2], NULL, 10);
  const uint64_t first = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
  test_heap_start();
  bitblt_cases_start(seed);
  for (uint64_t i = 0; i < count; i++)
    if (!bitblt_case(first + i)) {
      printf("%llu cases agreed before it\n", (unsigned long long)i);
      return 1;
    }
  printf("%llu cases agree\n", (unsigned long long)count);
  return 0;
}
