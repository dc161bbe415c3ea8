/* nil_tests.h: whether isNil and notNil are nothing but tests for nil.
 *
 * In nearly every image all objects answer isNil and notNil as nil and the others of old do. While that is
 * so translated code compares instead of sending: nothing is called, so nothing has to be in the frame.
 */
#ifndef TRANSLATOR_NIL_TESTS_H
#define TRANSLATOR_NIL_TESTS_H

#include "base/oop.h"

#include <stdbool.h>

/* The selectors, where they are that; 0: they are sent. */
struct nil_tests {
  oop is_nil, not_nil;
};
extern struct nil_tests tr_nil_tests;

/* Looks through all classes. Answers whether code made before may assume what is not so any more. */
bool tr_look_at_nil_tests(void);
/* The same for a class that may have instances from now on. */
bool tr_look_at_nil_tests_of(oop class_);
/* The selectors may have moved. */
void tr_nil_tests_moved(void);

#endif
