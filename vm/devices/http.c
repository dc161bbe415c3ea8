/* http.c: requests to servers of the web, and their answers (service.h). */
#include "devices/service.h"

/* request: method, URL, and perhaps an array of header names and values, and a body. The answer: status,
 * its text, an array of header names and values, the body, the URL at which it was found.
 * cancel: the number of a request. */
SERVICE(http, {"request", "ss?a*"}, {"cancel", "i"})
