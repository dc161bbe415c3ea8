/* registry.c: finds named primitives. */
#include "plugins/plugin.h"

#include <string.h>

#define PLUGIN(module) extern const struct plugin plugin_##module;
#include "plugins/plugins.def"
#undef PLUGIN

static const struct plugin *const plugins[] = {
#define PLUGIN(module) &plugin_##module,
#include "plugins/plugins.def"
#undef PLUGIN
    NULL};

static bool same(const char *name, const char *text, uint32_t length) {
  return strlen(name) == length && memcmp(name, text, length) == 0;
}

static const struct plugin_primitive *find(const char *module, uint32_t module_length, const char *name,
                                           uint32_t name_length) {
  for (uint32_t i = 0; plugins[i] != NULL; i++) {
    if (!same(plugins[i]->name, module, module_length)) continue;
    for (uint32_t j = 0; j < plugins[i]->count; j++)
      if (same(plugins[i]->primitives[j].name, name, name_length)) return &plugins[i]->primitives[j];
  }
  return NULL;
}

prim_fn prim_named(const char *module, uint32_t module_length, const char *name, uint32_t name_length) {
  const struct plugin_primitive *p = find(module, module_length, name, name_length);
  return p != NULL ? p->function : NULL;
}

prim_fn prim_named_for(const char *module, uint32_t module_length, const char *name, uint32_t name_length,
                       uint32_t argc) {
  const struct plugin_primitive *p = find(module, module_length, name, name_length);
  if (p == NULL) return NULL;
  return argc >= p->least && argc <= p->most ? p->function : prim_bad_num_args;
}

const struct plugin *plugin_at(uint32_t index) {
  return index < sizeof plugins / sizeof *plugins ? plugins[index] : NULL;
}
