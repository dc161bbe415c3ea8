/* process.h: what the host says about the running process: arguments, environment, entropy, locale. */
#ifndef VM_DEVICES_PROCESS_H
#define VM_DEVICES_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/* Texts go to `text`, at most `room` bytes; the answer is the whole length (so more than `room` means cut
 * off), or negative when there is none. */
int32_t dev_attribute(int32_t index, char *text, uint32_t room);
int32_t dev_env_get(const char *name, uint32_t length, char *value, uint32_t room);
int32_t dev_env_at(uint32_t index, char *pair, uint32_t room); /* NAME=value */
int32_t dev_working_dir(char *path, uint32_t room);
int32_t dev_locale(char *tag, uint32_t room); /* such as en-GB */

void dev_random(void *bytes, uint32_t count); /* cryptographic */

enum dev_log_level { DEV_LOG_TRACE, DEV_LOG_NOTE, DEV_LOG_WARNING, DEV_LOG_ERROR };
void dev_log(enum dev_log_level level, const char *text);

/* The image's file name: attribute 1 until it is set. Zero-terminated. */
const char *dev_image_name(uint32_t *length);
bool dev_set_image_name(const char *name, uint32_t length);
/* Whether the image may save itself; once forbidden it stays so. */
bool dev_may_write_image(void);
void dev_forbid_image_write(void);

#endif
