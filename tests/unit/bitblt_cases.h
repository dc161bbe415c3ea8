/* bitblt_cases.h: random BitBlts, done by the plugin and by the reference. */
#ifndef TESTS_UNIT_BITBLT_CASES_H
#define TESTS_UNIT_BITBLT_CASES_H

#include <stdbool.h>
#include <stdint.h>

/* Makes the objects that all cases of a seed use. The heap must have been started. */
void bitblt_cases_start(uint64_t seed);
/* Runs a case: answers true when plugin and reference agree, and otherwise prints the difference. */
bool bitblt_case(uint64_t number);

#endif
