/* plugin_file_test.c: FilePlugin on real files in a folder of its own, and saving all or nothing. */
#include "prim_support.h"

#include "devices/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/catalyst-files-XXXXXX";
static char name[128];

#define FILE_PRIM(primitive, ...) NAMED("FilePlugin", primitive, mem.nil, ##__VA_ARGS__)

static const char *in_folder(const char *file) {
  snprintf(name, sizeof name, "%s/%s", folder, file);
  return name;
}
static oop opened(const char *file, bool writable) {
  return FILE_PRIM("primitiveFileOpen", str(in_folder(file)), mem_bool(writable));
}

static void files_are_written_and_read(void **state) {
  (void)state;
  oop f = opened("a", true), text = str("hello, world");
  assert_oop(FILE_PRIM("primitiveFileWrite", f, text, I(1), I(12)), I(12));
  assert_oop(FILE_PRIM("primitiveFileGetPosition", f), I(12));
  assert_oop(FILE_PRIM("primitiveFileSize", f), I(12));
  assert_oop(FILE_PRIM("primitiveFileAtEnd", f), mem.true_);
  assert_oop(FILE_PRIM("primitiveFileSetPosition", f, I(7)), mem.nil);
  assert_oop(FILE_PRIM("primitiveFileAtEnd", f), mem.false_);
  oop buffer = str("..........");
  assert_oop(FILE_PRIM("primitiveFileRead", f, buffer, I(3), I(8)), I(5));
  assert_string(buffer, "..world...");
  assert_oop(FILE_PRIM("primitiveFileRead", f, buffer, I(1), I(1)), I(0));
  assert_oop(FILE_PRIM("primitiveFileTruncate", f, I(5)), mem.nil);
  assert_oop(FILE_PRIM("primitiveFileSize", f), I(5));
  assert_oop(FILE_PRIM("primitiveFileFlush", f), mem.nil);
  assert_oop(FILE_PRIM("primitiveFileSync", f), mem.nil);
  assert_oop(FILE_PRIM("primitiveFileClose", f), mem.nil);
  assert_fails(FILE_PRIM("primitiveFileClose", f), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(FILE_PRIM("primitiveFileRead", f, buffer, I(1), I(1)), PRIM_ERR_BAD_ARGUMENT);
}

static void words_count_as_words(void **state) {
  (void)state;
  oop f = opened("w", true), w = words_of(3), back = words_of(3);
  for (uint32_t i = 0; i < 3; i++) obj_put_raw(w, i, 0x01020304 * (i + 1));
  assert_oop(FILE_PRIM("primitiveFileWrite", f, w, I(2), I(2)), I(2));
  assert_oop(FILE_PRIM("primitiveFileSize", f), I(8));
  (void)FILE_PRIM("primitiveFileSetPosition", f, I(0));
  assert_oop(FILE_PRIM("primitiveFileRead", f, back, I(1), I(3)), I(2));
  assert_int_equal(obj_slot(back, 1), obj_slot(w, 2));
  (void)FILE_PRIM("primitiveFileClose", f);
}

static void wrong_operands_fail(void **state) {
  (void)state;
  assert_fails(opened("absent", false), PRIM_ERR_OS_ERROR);
  assert_oop(interp.prim_os_error, I(DEV_ERR_NOT_FOUND));
  assert_fails(FILE_PRIM("primitiveFileOpen", I(1), mem.true_), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(FILE_PRIM("primitiveFileOpen", str("x"), I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(FILE_PRIM("primitiveFileOpen", bytes_of("x\0y", 3), mem.false_), PRIM_ERR_OS_ERROR);
  oop f = opened("b", true), text = str("text"), stale = mem_clone(f);
  assert_fails(FILE_PRIM("primitiveFileOpenNew", str(in_folder("b"))), PRIM_ERR_OS_ERROR);
  assert_fails(FILE_PRIM("primitiveFileWrite", f, text, I(1), I(5)), PRIM_ERR_BAD_INDEX);
  assert_fails(FILE_PRIM("primitiveFileWrite", f, text, I(0), I(1)), PRIM_ERR_BAD_INDEX);
  assert_fails(FILE_PRIM("primitiveFileWrite", f, text, I(SMALLINT_MAX), I(1)), PRIM_ERR_BAD_INDEX);
  assert_fails(FILE_PRIM("primitiveFileWrite", f, text, I(1), I(-1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(FILE_PRIM("primitiveFileWrite", f, mem_new_array(2), I(1), I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(FILE_PRIM("primitiveFileRead", f, frozen(str("abc")), I(1), I(1)), PRIM_ERR_NO_MODIFICATION);
  assert_fails(FILE_PRIM("primitiveFileSetPosition", f, I(-1)), PRIM_ERR_BAD_ARGUMENT);
  obj_bytes(stale)[0] ^= 1; /* another session's */
  assert_fails(FILE_PRIM("primitiveFileSize", stale), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(FILE_PRIM("primitiveFileSize", str("1234567")), PRIM_ERR_BAD_ARGUMENT);
  (void)FILE_PRIM("primitiveFileClose", f);
  oop reader = opened("b", false);
  assert_fails(FILE_PRIM("primitiveFileWrite", reader, text, I(1), I(1)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(FILE_PRIM("primitiveFileTruncate", reader, I(0)), PRIM_ERR_OS_ERROR);
  (void)FILE_PRIM("primitiveFileClose", reader);
}

static void names_are_made_listed_and_removed(void **state) {
  (void)state;
  oop sub = str(in_folder("sub"));
  assert_oop(FILE_PRIM("primitiveDirectoryCreate", sub), mem.nil);
  assert_fails(FILE_PRIM("primitiveDirectoryCreate", sub), PRIM_ERR_OS_ERROR);
  oop f = opened("sub/file", true);
  (void)FILE_PRIM("primitiveFileWrite", f, str("abc"), I(1), I(3));
  (void)FILE_PRIM("primitiveFileClose", f);
  oop entry = FILE_PRIM("primitiveDirectoryLookup", sub, I(1));
  assert_int_equal(obj_slots(entry), 7);
  assert_string(obj_slot(entry, 0), "file");
  int64_t modified;
  assert_true(prim_int64(obj_slot(entry, 2), &modified) && modified > 3900000000ll);
  assert_oop(obj_slot(entry, 3), mem.false_);
  assert_oop(obj_slot(entry, 4), I(3));
  assert_oop(FILE_PRIM("primitiveDirectoryLookup", sub, I(2)), mem.nil);
  assert_fails(FILE_PRIM("primitiveDirectoryLookup", sub, I(0)), PRIM_ERR_BAD_INDEX);
  assert_fails(FILE_PRIM("primitiveDirectoryLookup", str(in_folder("nowhere")), I(1)), PRIM_ERR_OS_ERROR);
  entry = FILE_PRIM("primitiveDirectoryEntry", str(folder), str("sub"));
  assert_oop(obj_slot(entry, 3), mem.true_);
  assert_oop(FILE_PRIM("primitiveDirectoryEntry", str(folder), str("nothing")), mem.nil);
  oop from = str(in_folder("sub/file")), to = str(in_folder("sub/other"));
  assert_oop(FILE_PRIM("primitiveFileRename", from, to), mem.nil);
  assert_fails(FILE_PRIM("primitiveFileRename", from, to), PRIM_ERR_OS_ERROR);
  assert_fails(FILE_PRIM("primitiveDirectoryDelete", sub), PRIM_ERR_OS_ERROR); /* not empty */
  assert_oop(FILE_PRIM("primitiveFileDelete", to), mem.nil);
  assert_fails(FILE_PRIM("primitiveFileDelete", to), PRIM_ERR_OS_ERROR);
  assert_oop(FILE_PRIM("primitiveDirectoryDelete", sub), mem.nil);
  assert_oop(FILE_PRIM("primitiveDirectoryDelimitor"), char_oop('/'));
  assert_fails(FILE_PRIM("primitiveFileDelete", I(1)), PRIM_ERR_BAD_ARGUMENT);
}

static void standard_streams_have_handles(void **state) {
  (void)state;
  oop handles = FILE_PRIM("primitiveFileStdioHandles");
  assert_int_equal(obj_slots(handles), 3);
  assert_oop(FILE_PRIM("primitiveFileWrite", obj_slot(handles, 1), str("(from the test)\n"), I(1), I(16)),
             I(16));
  assert_fails(FILE_PRIM("primitiveFileWrite", obj_slot(handles, 0), str("x"), I(1), I(1)),
               PRIM_ERR_BAD_ARGUMENT);
  assert_oop(FILE_PRIM("primitiveFileDescriptorType", I(999)), I(-1));
  assert_true(oop_int(FILE_PRIM("primitiveFileDescriptorType", I(1))) > 0);
  oop again = FILE_PRIM("primitiveConnectToFileDescriptor", I(1), mem.true_);
  assert_oop(FILE_PRIM("primitiveFileClose", again), mem.nil); /* stays open */
  assert_oop(FILE_PRIM("primitiveFileFlush", obj_slot(handles, 1)), mem.nil);
  assert_fails(FILE_PRIM("primitiveConnectToFileDescriptor", I(7), mem.true_), PRIM_ERR_UNSUPPORTED);
}

#define FACTS(primitive, ...) NAMED("FileAttributesPlugin", primitive, mem.nil, __VA_ARGS__)

static void attributes_tell_of_files_and_folders(void **state) {
  (void)state;
  oop f = opened("a", true);
  (void)FILE_PRIM("primitiveFileTruncate", f, I(3));
  (void)FILE_PRIM("primitiveFileClose", f);
  oop file = str(in_folder("a")), dir = str(folder), absent = str(in_folder("absent"));
  assert_oop(FACTS("primitiveFileExists", file), mem.true_);
  assert_oop(FACTS("primitiveFileExists", absent), mem.false_);
  assert_oop(FACTS("primitiveFileAttribute", file, I(8)), I(3));
  assert_int_equal(oop_int(FACTS("primitiveFileAttribute", dir, I(2))) & 0xF000, 0x4000);
  assert_fails(FACTS("primitiveFileAttribute", absent, I(8)), PRIM_ERR_OS_ERROR);
  assert_oop(FACTS("primitiveFileAttribute", absent, I(13)), mem.false_);
  assert_fails(FACTS("primitiveFileAttribute", file, I(17)), PRIM_ERR_BAD_ARGUMENT);
  oop both = FACTS("primitiveFileAttributes", file, I(3));
  assert_oop(obj_slot(obj_slot(both, 0), 7), I(3));
  assert_oop(obj_slot(obj_slot(both, 0), 12), mem.nil);
  assert_oop(obj_slot(obj_slot(both, 1), 0), mem.true_);
  assert_fails(FACTS("primitiveFileAttributes", file, I(0)), PRIM_ERR_OS_ERROR);
}

static void folders_are_walked(void **state) {
  (void)state;
  (void)FILE_PRIM("primitiveFileClose", opened("a", true));
  (void)FILE_PRIM("primitiveFileClose", opened("b", true));
  oop entry = FACTS("primitiveOpendir", str(folder));
  assert_string(obj_slot(entry, 0), "a");
  oop walk = obj_slot(entry, 2);
  assert_string(obj_slot(FACTS("primitiveReaddir", walk), 0), "b");
  while (FACTS("primitiveReaddir", walk) != mem.nil) continue;
  assert_string(obj_slot(FACTS("primitiveRewinddir", walk), 0), "a");
  assert_oop(FACTS("primitiveClosedir", walk), walk);
  assert_fails(FACTS("primitiveReaddir", walk), PRIM_ERR_OS_ERROR);
  assert_fails(FACTS("primitiveReaddir", I(1)), PRIM_ERR_OS_ERROR);
  assert_fails(FACTS("primitiveOpendir", str(in_folder("absent"))), PRIM_ERR_OS_ERROR);
}

/* ---- saving ---- */

static err_t produce_much(dev_put put, void *sink) {
  static const char block[1000];
  for (int i = 0; i < 1000; i++)
    if (!put(sink, block, sizeof block)) return "stopped";
  return NULL;
}
static err_t produce_and_fail(dev_put put, void *sink) {
  (void)put(sink, "half", 4);
  return "no more";
}

static void saving_is_all_or_nothing(void **state) {
  (void)state;
  struct dev_entry entry;
  const char *path = in_folder("image");
  uint32_t length = (uint32_t)strlen(path);
  assert_null(dev_save(path, length, produce_much));
  assert_int_equal(dev_stat(path, length, &entry), 0);
  assert_true(entry.size == 1000000);
  assert_string_equal(dev_save(path, length, produce_and_fail), "no more");
  assert_int_equal(dev_stat(path, length, &entry), 0);
  assert_true(entry.size == 1000000);
  assert_non_null(dev_save("/nonexistent-folder/x", 21, produce_much));
  assert_int_equal(dev_file_delete(path, length), 0);
  /* no temporary file is left */
  for (uint32_t i = 0; dev_dir_entry(folder, (uint32_t)strlen(folder), i, &entry) == 1; i++) {
    entry.name[entry.name_length] = 0;
    assert_null(strstr(entry.name, ".tmp-"));
  }
}

static void saving_removes_what_killed_processes_left(void **state) {
  (void)state;
  static const struct {
    const char *name;
    int age_s;
    bool stays;
  } files[] = {{"image.tmp-0123abcd", 3600, false},
               {"image.tmp-0123abce", 0, true},
               {"image.tmp-0123abcg", 3600, true},
               {"other.tmp-0123abcd", 3600, true},
               {"image.tmp-0123abc", 3600, true}};
  enum { COUNT = sizeof files / sizeof *files };
  for (int i = 0; i < COUNT; i++) {
    struct timespec then[2] = {{.tv_sec = time(NULL) - files[i].age_s},
                               {.tv_sec = time(NULL) - files[i].age_s}};
    int fd = open(in_folder(files[i].name), O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0 && futimens(fd, then) == 0 && close(fd) == 0);
  }
  const char *path = in_folder("image");
  assert_null(dev_save(path, (uint32_t)strlen(path), produce_much));
  assert_int_equal(unlink(in_folder("image")), 0);
  for (int i = 0; i < COUNT; i++) assert_int_equal(unlink(in_folder(files[i].name)) == 0, files[i].stays);
}

static int make_folder(void **state) {
  (void)state;
  return mkdtemp(folder) == NULL;
}
static int remove_folder(void **state) {
  (void)state;
  const char *const left[] = {"a", "b", "w"};
  for (int i = 0; i < 3; i++) unlink(in_folder(left[i]));
  return rmdir(folder);
}

/* ---- transfers that are started and asked for ---- */

#define ASYNC(primitive, ...) NAMED("AsynchFilePlugin", primitive, mem.nil, __VA_ARGS__)

static void transfers_are_asked_for(void **state) {
  (void)state;
  oop path_oop = str(in_folder("async")), f = ASYNC("primitiveAsyncFileOpen", path_oop, mem.true_, I(3));
  assert_true(oop_is_bytes(f));
  assert_oop(ASYNC("primitiveAsyncFileWriteStart", f, I(0), str("hello, world"), I(1), I(12)), mem.nil);
  assert_oop(ASYNC("primitiveAsyncFileWriteResult", f), I(12));
  oop buffer = str(".........."), words = words_of(2);
  assert_oop(ASYNC("primitiveAsyncFileReadResult", f, buffer, I(1), I(10)), I(-1)); /* none was started */
  assert_oop(ASYNC("primitiveAsyncFileReadStart", f, I(7), I(100)), mem.nil);
  assert_oop(ASYNC("primitiveAsyncFileReadResult", f, buffer, I(3), I(8)), I(5));
  assert_string(buffer, "..world...");
  assert_oop(ASYNC("primitiveAsyncFileReadStart", f, I(0), I(4)), mem.nil);
  assert_oop(ASYNC("primitiveAsyncFileReadResult", f, words, I(2), I(1)), I(4)); /* in words */
  assert_memory_equal(obj_bytes(words) + 4, "hell", 4);
  assert_fails(ASYNC("primitiveAsyncFileReadResult", f, words, I(2), I(2)), PRIM_ERR_BAD_ARGUMENT);
  assert_fails(ASYNC("primitiveAsyncFileWriteStart", f, I(0), str("x"), I(1), I(2)), PRIM_ERR_BAD_ARGUMENT);
  assert_oop(ASYNC("primitiveAsyncFileClose", f), mem.nil);
  assert_fails(ASYNC("primitiveAsyncFileClose", f), PRIM_ERR_BAD_ARGUMENT);
  f = ASYNC("primitiveAsyncFileOpen", path_oop, mem.false_, I(0));
  assert_fails(ASYNC("primitiveAsyncFileWriteStart", f, I(0), str("x"), I(1), I(1)), PRIM_ERR_INAPPROPRIATE);
  assert_oop(ASYNC("primitiveAsyncFileClose", f), mem.nil);
  assert_fails(ASYNC("primitiveAsyncFileOpen", str(in_folder("none/x")), mem.false_, I(0)),
               PRIM_ERR_OS_ERROR);
  assert_int_equal(unlink(in_folder("async")), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      PRIM_TEST(transfers_are_asked_for),
      PRIM_TEST(files_are_written_and_read),
      PRIM_TEST(words_count_as_words),
      PRIM_TEST(wrong_operands_fail),
      PRIM_TEST(names_are_made_listed_and_removed),
      PRIM_TEST(standard_streams_have_handles),
      PRIM_TEST(saving_is_all_or_nothing),
      PRIM_TEST(saving_removes_what_killed_processes_left),
      PRIM_TEST(attributes_tell_of_files_and_folders),
      PRIM_TEST(folders_are_walked),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
