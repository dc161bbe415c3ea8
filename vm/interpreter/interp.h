/* interp.h: the interpreter's state and its doors.
 *
 * Who may run: interp_run() is the base loop and the only thing that drives execution. It may call translated
 * code, which may call back (interp_send_…, in translator/runtime.h), which may enter a nested loop; every
 * nesting answers a result or a sentinel and unwinds when the stack has been restructured
 * (interp.restructured).
 */
#ifndef VM_INTERPRETER_INTERP_H
#define VM_INTERPRETER_INTERP_H

#include "interpreter/frame.h"

/* What translated code and the doors below answer instead of an oop (< OOP_FIRST_VALID). */
enum interp_sentinel {
  RESULT_BAIL = 0, /* unwind to the base loop: fp, sp and the frames say where execution stands */
};
static inline bool result_is_oop(uint32_t r) { return r >= OOP_FIRST_VALID || (r & 3) != 0; }

/* One activation in translated code. `fp` is where the callee's frame begins (caller's sp + 4, after it
 * pushed receiver and arguments). Answers the result or a sentinel. */
typedef oop (*translated_fn)(addr fp);

struct interp {
  addr fp, sp;       /* the running frame, valid whenever the loop is not in its own locals (externalized) */
  addr stack_limit;  /* a frame whose fp is above it takes interp_check(); set to 0 to force one */
  addr page_limit;   /* the running page's real limit */
  int32_t countdown; /* sends and back-edges until the next interp_check(); interp_request_check() sets 0 */
  oop new_method;    /* the method being activated or whose primitive runs */
  oop selector;      /* of the send in progress, for DNU and perform */
  uint32_t num_args; /* of the send in progress */
  uint32_t prim_error; /* PRIM_ERR_…, of the last failure */
  oop prim_os_error;   /* extra value for error-code temporaries, or 0 */
  bool restructured;   /* stack was changed other than by push and pop: nested loops must unwind */
  bool check_pending;  /* something asked for a safepoint */
  /* Where a frame that has just returned by a non-local return stood, its result being pushed on its caller:
   * whoever ran it (a translated function, a loop) need not unwind further. 0: none; see nested.c. */
  addr nlr_home;
  uint32_t depth; /* nested loops on the wasm stack */
  uint32_t doors; /* translated functions entered by the core that have not answered (nested.c) */

  /* why the run loop should return, see interp_run() */
  uint32_t stop; /* enum interp_stop, 0: keep running */
  int32_t exit_code;
  uint64_t idle_until_us; /* STOP_IDLE: when a timer is due; UINT64_MAX: only input can wake it */
  err_t error;            /* STOP_ERROR */

  /* timers and interrupts */
  uint64_t timer_due_us;  /* 0: none. Microseconds of dev_clock_us() */
  bool interrupt_pending; /* the interrupt key */
  uint32_t pending_finalizations;

  uint32_t moves;           /* how often objects have moved: collections */
  bool selector_24_is_sent; /* special selector 24 is ~~ since closures; before it was blockCopy:, a send */

  /* statistics */
  uint64_t bytecodes, sends, activations, primitives_called, cache_misses, process_switches;
  uint64_t translated_calls, bails;
};
extern struct interp interp;

enum interp_stop {
  RUN_ON = 0,
  STOP_BUDGET, /* the time slice is over: call again */
  STOP_IDLE,   /* nothing runnable until idle_until_us or input */
  STOP_QUIT,   /* the image quit: exit_code */
  STOP_ERROR,  /* the VM cannot go on: error */
};

/* After image_read: finds the scheduler, makes the stack pages, takes up the active process. */
err_t interp_start(void) NODISCARD;
/* Runs for about `budget_us` microseconds. */
enum interp_stop interp_run(uint32_t budget_us);

/* ---- the safepoint ---- */

/* Called when fp > stack_limit or a back-edge sees check_pending: moves to a new page if the running one is
 * full, collects if wanted, delivers timers, interrupts, finalization and semaphore signals, switches
 * process, ends the time slice. GC. On return interp.fp/sp are the running frame's; if interp.restructured,
 * the caller must unwind (translated code: return RESULT_BAIL). */
void interp_check(void);
/* Asks for an interp_check() soon: sets check_pending, stack_limit and countdown to 0. */
void interp_request_check(void);
/* How many sends and back-edges pass between two checks of clock and events. */
enum { INTERP_CHECK_INTERVAL = 4000 };
/* Further roots, for what keeps oops outside the heap and the stack. */
void interp_add_roots(void (*each)(void (*visit)(oop *slot), bool full));
/* process.c: called by interp_check() after a collection, with the clock read once: delivers a timer that is
 * due, the interrupt key, finalization and low-space signals, and semaphores the host signalled. May switch
 * process. */
void process_check_events(uint64_t now_us);

/* ---- sends, from primitives and translated code ---- */

/* Finds selector in class_ and its superclasses through the global cache. Answers the method oop, or 0 if
 * there is none. Fills the cache. */
struct lookup_entry;
struct lookup_entry *interp_lookup(oop selector, uint32_t class_index);

/* Sends selector to the receiver under num_args arguments, all pushed (interp.sp), looked up from the class
 * index on, as a bytecode would: runs the primitive, activates the method, or sends doesNotUnderstand:. What
 * perform: ends with (PRIM_DONE). */
void interp_send(oop selector, uint32_t class_index, uint32_t num_args);
/* Puts a new frame for interp.new_method on the stack (receiver and num_args arguments are pushed;
 * interp.sp). Used by the loop, by perform:, by value primitives. May take a new page; never switches
 * process. False: the method does not take that receiver or these arguments, or the verifier refuses its
 * code; the VM stops. */
bool interp_activate_method(oop method, uint32_t num_args);
/* The same for a closure at interp.sp - 4 * num_args. */
void interp_activate_closure(oop closure, uint32_t num_args);

/* ---- from translated code ----
 *
 * Receiver and arguments are pushed, interp.sp is at the last, interp.fp is the running frame and its PC is
 * written. They look up, run a primitive, a translation or an interpreted activation to its end. The answer
 * is the result (receiver and arguments are dropped, the result is not pushed; objects may have moved), or a
 * sentinel: return it at once. */
oop interp_send_from_translated(oop selector, uint32_t num_args);
/* The same from a given class on: super sends. */
oop interp_send_from_class(oop selector, uint32_t num_args, uint32_t class_index);
/* The same when the lookup has found the entry, whose kind is not LOOKUP_OBJECT. */
oop interp_send_found(const struct lookup_entry *e, oop selector, uint32_t num_args);
/* Calls the primitive of `method` for receiver and arguments that are pushed on interp.fp's frame. Answers as
 * the sends do, or PRIM_FAILED with the operands as they were (primitives/primitive.h). */
uint32_t interp_try_primitive(oop (*primitive)(oop *args, uint32_t argc), oop method, uint32_t num_args);
/* After that, or any failure of interp.new_method's primitive: runs the method's code. */
oop interp_activate_failed(uint32_t num_args);
/* Evaluates the closure below num_args arguments, the caller having checked its class and arity. */
oop interp_value_from_translated(uint32_t num_args);
/* `^ value` in the running block frame. When its home is a live frame of the running page that could simply
 * return, interp.nlr_home is set besides. */
void interp_non_local_return(oop value);
/* Nested loops on the wasm stack; beyond it these doors bail. */
enum { INTERP_MAX_DEPTH = 60 };

/* ---- for primitives (primitives/primitive.h has the rest) ---- */
void interp_push(oop o);
oop interp_pop(void);

/* ---- processes (process.c) ---- */
oop process_active(void);
void process_signal(oop semaphore); /* may switch process: sets restructured */
void process_signal_index(
    uint32_t external_index);     /* from the host, at any time; delivered at the next safepoint */
bool process_resume(oop process); /* at the back or front of its list, by the preemption rule */
void process_switch_to(oop process);
oop process_wake_highest(void); /* removes and answers the highest-priority runnable process, or 0 */

/* Method dictionaries or classes changed (primitives 89, 116, 119; become:): flush what named them. */
void interp_flush_all(void);
void interp_flush_selector(oop selector);
void interp_flush_method(oop method);
/* The object is about to change identity: what is known of it, if it is a method, is forgotten. Where it has
 * activations no frame may be left (frame_divorce_all), for their code is looked at again when they go on. */
void interp_method_changes(oop o);
/* The same before the byte at `pc` (a frame's) of a method changes, or its header. False: it has frames, and
 * is part of the code that was verified for them. */
bool interp_method_may_change(oop method, uint32_t pc);

/* What the translator fills in; without it everything is interpreted. */
struct interp_hooks {
  /* A method reached its threshold (activations or back-edges). */
  void (*method_hot)(uint32_t info);
  /* The running frame, which translated code has left or, `loop`, which goes round a loop, may go on
   * translated at its PC: the function for that (a translated_fn, called with the frame), or 0. */
  uint32_t (*continuation)(bool loop);
  /* Methods, classes or addresses changed: every (or this) inline cache and translation is suspect. */
  void (*flush_all)(void);
  void (*flush_selector)(oop selector);
  void (*flush_method)(oop method);
  /* At every interp_check(), with the clock read once: translates what has waited long enough. */
  void (*safepoint)(uint64_t now_us);
  /* At the start of every time slice: no translated code is running. */
  void (*slice)(void);
  /* After a collection: addresses that the translator keeps outside method_infos are stale. */
  void (*objects_moved)(bool full);
};
extern struct interp_hooks interp_hooks;

/* A stack trace of the active process for a person, newest activation first, through `line`. */
void interp_print_stack(void (*line)(const char *text));
/* The same for any process; of one that has ended, nothing. */
void interp_print_process(oop process, void (*line)(const char *text));
/* Writes the name of a class or metaclass; `?` or `a class` where it has none. */
void interp_class_name(oop class_, char *to, size_t room);
/* Writes `Class>>selector` of a method, from what it says of itself; `?` for what it does not. */
void interp_method_name(oop method, char *to, size_t room);

#endif
