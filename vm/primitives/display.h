/* display.h: the image's Display, a Form, on the virtual display. */
#ifndef VM_PRIMITIVES_DISPLAY_H
#define VM_PRIMITIVES_DISPLAY_H

/* Shows what has changed of the Form that is the Display: once per time slice. */
void display_present(void);

#endif
