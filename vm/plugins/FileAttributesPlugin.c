/* FileAttributesPlugin.c: facts of files and walking folders, as Pharo asks for them.
 *
 * A walk is a ByteArray: this session's number and an index into the table of walks. What the host does not
 * tell (inode, device, owner) is 0; a failure's code is -3, the plugin's "cannot stat", or -9, "cannot open".
 */
#include <stdlib.h>
#include <string.h>

#include "devices/clock.h"
#include "devices/file.h"
#include "devices/process.h"
#include "plugins/plugin.h"
#include "primitives/checks.h"

enum { CANT_STAT = -3, INVALID_ARGUMENTS = -6, CANT_OPEN_DIR = -9, BAD_SESSION = -17 };
enum { S_FILE = 0x8000, S_FOLDER = 0x4000, S_LINK = 0xA000 }; /* kinds in a POSIX mode */
enum { MAY_EXECUTE = 0111, MAY_WRITE = 0222, PATH_MAX_BYTES = 4096 };

static oop failure(int32_t code) {
  interp.prim_os_error = int_oop(code);
  return prim_fail(PRIM_ERR_OS_ERROR);
}

static bool path(oop o, const char **chars, uint32_t *length) {
  if (!oop_is_bytes(o)) return false;
  *chars = (const char *)obj_bytes(o);
  *length = obj_byte_size(o);
  return true;
}

static bool store_all(oop array, const oop *values, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (values[i] == 0) return false;
    mem_store(array, i, values[i]);
  }
  return true;
}

/* ---- attributes ---- */

/* Seconds since 1901. */
static oop time_oop(double us_since_1970) {
  return mem_new_int64((int64_t)(us_since_1970 / 1e6) + (int64_t)DEV_SQUEAK_EPOCH_S);
}

static uint32_t mode_of(const struct dev_entry *e) { return e->mode | (e->is_dir ? S_FOLDER : S_FILE); }

/* Numbered as primitiveFileAttribute numbers them, from 1; the array of all has the first thirteen. */
enum { ATTR_NAME = 1, ATTR_MODE, ATTR_INODE, ATTR_DEVICE, ATTR_LINKS, ATTR_UID, ATTR_GID, ATTR_SIZE };
enum { ATTR_ACCESSED = 9, ATTR_MODIFIED, ATTR_CHANGED, ATTR_CREATED, ATTR_READABLE, ATTR_WRITABLE };
enum { ATTR_EXECUTABLE = 15, ATTR_SYMLINK, STAT_FIELDS = 13, ACCESS_FIELDS = 3 };

static oop attribute(const struct dev_entry *e, uint32_t number) {
  switch (number) {
    case ATTR_MODE: return int_oop((int32_t)mode_of(e));
    case ATTR_LINKS: return int_oop(1);
    case ATTR_INODE:
    case ATTR_DEVICE:
    case ATTR_UID:
    case ATTR_GID: return int_oop(0);
    case ATTR_SIZE: return mem_new_uint64(e->is_dir || e->size < 0 ? 0 : (uint64_t)e->size);
    case ATTR_ACCESSED:
    case ATTR_MODIFIED:
    case ATTR_CHANGED: return time_oop(e->modified_us);
    case ATTR_READABLE: return mem.true_; /* it could be looked at */
    case ATTR_WRITABLE: return mem_bool((e->mode & MAY_WRITE) != 0);
    case ATTR_EXECUTABLE: return mem_bool((e->mode & MAY_EXECUTE) != 0);
    case ATTR_SYMLINK: return mem_bool(e->is_symlink);
  }
  return mem.nil; /* the name, the creation time: not told */
}

/* An Array of `count` attributes from number `first` on. */
static oop attribute_array(const struct dev_entry *e, uint32_t first, uint32_t count) {
  oop values[STAT_FIELDS], array = mem_new_array(count);
  for (uint32_t i = 0; i < count; i++) values[i] = attribute(e, first + i);
  return array != 0 && store_all(array, values, count) ? array : 0;
}

/* The first twelve, and nil for Windows' flags. */
static oop fact_array(const struct dev_entry *e) {
  oop array = attribute_array(e, ATTR_NAME, STAT_FIELDS);
  if (array != 0) obj_put_raw(array, STAT_FIELDS - 1, mem.nil);
  return array;
}

static oop primitiveFileAttribute(oop *args, uint32_t argc) {
  const char *chars;
  uint32_t length, number;
  struct dev_entry entry;
  if (!path(args[1], &chars, &length) || !prim_index(args[2], &number) || number < 1 || number > ATTR_SYMLINK)
    return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if (dev_stat(chars, length, &entry) < 0)
    return number >= ATTR_READABLE && number < ATTR_SYMLINK ? mem.false_ : failure(CANT_STAT);
  return prim_or_no_memory(attribute(&entry, number));
}

/* Mask: 1 the facts, 2 the rights, 4 of a link itself. Both make an Array of the two. */
static oop primitiveFileAttributes(oop *args, uint32_t argc) {
  enum { FACTS = 1, RIGHTS = 2 };
  const char *chars;
  uint32_t length, mask;
  struct dev_entry entry;
  if (!path(args[1], &chars, &length) || !prim_index(args[2], &mask)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  if ((mask & (FACTS | RIGHTS)) == 0) return failure(INVALID_ARGUMENTS);
  if (dev_stat(chars, length, &entry) < 0) return failure(CANT_STAT);
  oop facts = mask & FACTS ? fact_array(&entry) : mem.nil;
  oop rights = mask & RIGHTS ? attribute_array(&entry, ATTR_READABLE, ACCESS_FIELDS) : mem.nil;
  if ((mask & RIGHTS) == 0) return prim_or_no_memory(facts);
  if ((mask & FACTS) == 0) return prim_or_no_memory(rights);
  oop both = mem_new_array(2);
  return both != 0 && store_all(both, (oop[]){facts, rights}, 2) ? both : prim_fail(PRIM_ERR_NO_MEMORY);
}

static oop primitiveFileExists(oop *args, uint32_t argc) {
  const char *chars;
  uint32_t length;
  struct dev_entry entry;
  if (!path(args[1], &chars, &length)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  return mem_bool(dev_stat(chars, length, &entry) >= 0);
}

/* The bits of a mode that tell the kind: all, socket, link, file, block device, folder, character device,
 * pipe. */
static oop primitiveFileMasks(oop *args, uint32_t argc) {
  enum { COUNT = 8 };
  static const int32_t masks[COUNT] = {0xF000, 0xC000, S_LINK, S_FILE, 0x6000, S_FOLDER, 0x2000, 0x1000};
  oop array = mem_new_array(COUNT);
  for (uint32_t i = 0; array != 0 && i < COUNT; i++) obj_put_raw(array, i, int_oop(masks[i]));
  return prim_or_no_memory(array);
}

/* ---- walking a folder ---- */

struct walk {
  char *folder;
  uint32_t length, next;
};
struct walk_handle {
  uint32_t session, index;
};
static struct walk *walks;
static uint32_t walk_count;

static uint32_t session(void) {
  static uint32_t number;
  while (number == 0) dev_random(&number, sizeof number);
  return number;
}

static struct walk *walk_of(oop o) {
  struct walk_handle h;
  if (!oop_is_bytes(o) || obj_byte_size(o) != sizeof h) return NULL;
  memcpy(&h, obj_bytes(o), sizeof h);
  if (h.session != session() || h.index >= walk_count || walks[h.index].folder == NULL) return NULL;
  return &walks[h.index];
}

static uint32_t free_walk(void) {
  for (uint32_t i = 0; i < walk_count; i++)
    if (walks[i].folder == NULL) return i;
  struct walk *more = realloc(walks, (walk_count + 16) * sizeof *walks);
  if (more == NULL) return UINT32_MAX;
  memset(more + walk_count, 0, 16 * sizeof *more);
  walks = more;
  walk_count += 16;
  return walk_count - 16;
}

/* The next entry: Array of name, attributes, and a place for the walk; nil at the end. */
static oop next_entry(struct walk *w) {
  struct dev_entry entry;
  int32_t result = dev_dir_entry(w->folder, w->length, w->next, &entry);
  if (result < 0) return failure(CANT_OPEN_DIR);
  if (result == 0) return mem.nil;
  w->next++;
  oop name = mem_new_bytes(CIX_BYTE_ARRAY, entry.name_length), array = mem_new_array(3);
  if (name == 0 || array == 0) return prim_fail(PRIM_ERR_NO_MEMORY);
  memcpy(obj_bytes(name), entry.name, entry.name_length);
  oop values[] = {name, fact_array(&entry)};
  return store_all(array, values, 2) ? array : prim_fail(PRIM_ERR_NO_MEMORY);
}

static void end_walk(struct walk *w) {
  free(w->folder);
  w->folder = NULL;
}

/* The first entry with the walk in it; nil for an empty folder. */
static oop primitiveOpendir(oop *args, uint32_t argc) {
  const char *chars;
  uint32_t length;
  if (!path(args[1], &chars, &length)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  uint32_t index = free_walk();
  char *folder = index == UINT32_MAX ? NULL : malloc(length + 1);
  if (folder == NULL) return prim_fail(PRIM_ERR_NO_C_MEMORY);
  memcpy(folder, chars, length);
  while (length > 1 && folder[length - 1] == '/') length--;
  walks[index] = (struct walk){folder, length, 0};
  const struct walk_handle h = {session(), index};
  oop handle = mem_new_bytes(CIX_BYTE_ARRAY, sizeof h), entry = next_entry(&walks[index]);
  if (handle == 0 || entry == PRIM_FAILED || entry == mem.nil) {
    end_walk(&walks[index]);
    return handle == 0 ? prim_fail(PRIM_ERR_NO_MEMORY) : entry;
  }
  memcpy(obj_bytes(handle), &h, sizeof h);
  mem_store(entry, 2, handle);
  return entry;
}

static oop primitiveReaddir(oop *args, uint32_t argc) {
  struct walk *w = walk_of(args[1]);
  return w != NULL ? next_entry(w) : failure(BAD_SESSION);
}

static oop primitiveRewinddir(oop *args, uint32_t argc) {
  struct walk *w = walk_of(args[1]);
  if (w == NULL) return failure(BAD_SESSION);
  w->next = 0;
  return next_entry(w);
}

static oop primitiveClosedir(oop *args, uint32_t argc) {
  struct walk *w = walk_of(args[1]);
  if (w == NULL) return failure(BAD_SESSION);
  end_walk(w);
  return args[1];
}

/* ---- the rest ---- */

/* Paths are UTF-8 on both sides. */
static oop same_path(oop o) {
  if (!oop_is_bytes(o)) return prim_fail(PRIM_ERR_BAD_ARGUMENT);
  oop copy = mem_new_bytes(CIX_BYTE_ARRAY, obj_byte_size(o));
  if (copy != 0) memcpy(obj_bytes(copy), obj_bytes(o), obj_byte_size(o));
  return prim_or_no_memory(copy);
}
static oop primitiveStToPlatPath(oop *args, uint32_t argc) { return same_path(args[1]); }
static oop primitivePlatToStPath(oop *args, uint32_t argc) { return same_path(args[1]); }
static oop primitivePathMax(oop *args, uint32_t argc) { return int_oop(PATH_MAX_BYTES); }
static oop primitiveLogicalDrives(oop *args, uint32_t argc) { return prim_fail(PRIM_ERR_UNSUPPORTED); }
static oop primitiveVersionString(oop *args, uint32_t argc) {
  static const char text[] = "2.0.7 (Catalyst)";
  return prim_or_no_memory(mem_new_string(text, sizeof text - 1));
}

#define FILE_ATTRIBUTES_PRIMITIVES(X) \
  X(primitiveClosedir, 1, 1)          \
  X(primitiveFileAttribute, 2, 2)     \
  X(primitiveFileAttributes, 2, 2)    \
  X(primitiveFileExists, 1, 1)        \
  X(primitiveFileMasks, 0, 0)         \
  X(primitiveLogicalDrives, 0, 0)     \
  X(primitiveOpendir, 1, 1)           \
  X(primitivePathMax, 0, 0)           \
  X(primitivePlatToStPath, 1, 1)      \
  X(primitiveReaddir, 1, 1)           \
  X(primitiveRewinddir, 1, 1)         \
  X(primitiveStToPlatPath, 1, 1)      \
  X(primitiveVersionString, 0, 0)
PLUGIN_DEFINE(FileAttributesPlugin, FILE_ATTRIBUTES_PRIMITIVES)
