/* websocket.c: connections to servers of the web that take and send messages (service.h). */
#include "devices/service.h"

/* open: URL and an array of protocols: a connection's number, when it is there. send: number, text or bytes.
 * close: number, and a code and a reason.
 * Events: number, 'message', text or bytes; number, 'closed', code, reason. */
SERVICE(websocket, {"open", "s?a"}, {"send", "i*"}, {"close", "i?is"})
