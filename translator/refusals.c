/* refusals.c: what is not translated, and why: as it happened, and of a whole image on request. */
#include "translator/manage.h"

#include <stdlib.h>
#include <string.h>

#include "interpreter/interp.h"

enum { KEPT = 256 };
static struct noted {
  char *method;
  const char *phase, *reason;
  uint32_t pc;
} noted[KEPT]; /* a ring */

static void put_row(struct text *out, const char *separator, const struct noted *row) {
  const char *method = row->method != NULL ? row->method : "?";
  text_printf(out, "%s{\"method\":", separator);
  text_json(out, method, strlen(method));
  text_printf(out, ",\"phase\":\"%s\",\"pc\":%u,\"reason\":", row->phase, row->pc);
  text_json(out, row->reason, strlen(row->reason));
  text_add(out, "}", 1);
}

void tr_note_refusal(oop method, const char *phase, const struct tr_refusal *refusal) {
  char name[260];
  interp_method_name(method, name, sizeof name);
  struct noted *row = &noted[translator_stats.refused % KEPT];
  free(row->method);
  *row = (struct noted){strdup(name), phase, refusal->reason, refusal->pc};
  translator_stats.refused++;
}

void translator_refusals_json(struct text *out) {
  const uint32_t total = translator_stats.refused, first = total > KEPT ? total - KEPT : 0;
  text_add(out, "[", 1);
  for (uint32_t i = first; i < total; i++) put_row(out, i == first ? "" : ",", &noted[i % KEPT]);
  text_add(out, "]", 1);
}

/* ---- of a whole image ---- */

struct survey {
  struct text *out;
  uint32_t tried, refused;
};

static bool try_object(oop o, void *context) {
  struct survey *survey = context;
  if (!fmt_is_method(obj_format(o)) || !oop_is_int(obj_slot(o, 0))) return true;
  struct tr_refusal refusal;
  const char *phase;
  survey->tried++;
  if (tr_try(o, &phase, &refusal)) return true;
  char name[260];
  interp_method_name(o, name, sizeof name);
  put_row(survey->out, survey->refused++ == 0 ? "" : ",",
          &(struct noted){name, phase, refusal.reason, refusal.pc});
  return true;
}

void translator_survey_json(struct text *out) {
  struct survey survey = {.out = out};
  text_printf(out, "{\"refused\":[");
  mem_each_object(try_object, &survey);
  text_printf(out, "],\"tried\":%u}", survey.tried);
}
