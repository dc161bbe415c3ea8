/* scan.c: from line to line: which edges begin and cross it, what is filled between them, and its display. */
#include "plugins/balloon/balloon.h"

/* ---- the global edge table ---- */

/* Whether an edge begins before another. */
static bool begins_before(struct balloon *b, int32_t one, int32_t other) {
  if (one == other) return true;
  const int64_t dy = (int64_t)*obj(b, one, EDGE_Y) - *obj(b, other, EDGE_Y);
  if (dy != 0) return dy < 0;
  return *obj(b, one, EDGE_X) < *obj(b, other, EDGE_X);
}

static void exchange(int32_t *a, int32_t *c) {
  const int32_t kept = *a;
  *a = *c;
  *c = kept;
}

/* Puts the median of three in the middle, the least first and the greatest last. */
static int32_t sort_three(struct balloon *b, int32_t *first, int32_t *middle, int32_t *last) {
  if (!begins_before(b, *first, *middle))
    exchange(first, middle);
  else if (!begins_before(b, *middle, *last))
    exchange(last, middle);
  return *middle;
}

/* Hoare's partition around the median. Edges that begin alike keep the order that this gives them, and what
 * is drawn can depend on it: it is the definition's. Of the parts the greater one is done by going round. */
static void sort_edges(struct balloon *b, int32_t *edges, int32_t i, int32_t j) {
  while (j > i && !b->broken) {
    if (!begins_before(b, edges[i], edges[j])) exchange(&edges[i], &edges[j]);
    if (j - i < 2) return;
    const int32_t median = sort_three(b, &edges[i], &edges[(i + j) >> 1], &edges[j]);
    if (j - i < 3) return;
    int32_t k = i, l = j;
    do {
      do l--;
      while (k <= l && begins_before(b, median, edges[l]));
      do k++;
      while (k <= l && begins_before(b, edges[k], median));
      if (k <= l) exchange(&edges[k], &edges[l]);
    } while (k <= l);
    if (l - i < j - k) {
      sort_edges(b, edges, i, l);
      i = k;
    } else {
      sort_edges(b, edges, k, j);
      j = l;
    }
  }
}

/* Lines and curves keep their end and their width in the same words. */
static bool is_in_sight(struct balloon *b, int32_t edge) {
  const int32_t kind = obj_type(b, edge) & TYPE_KIND;
  if (kind != TYPE_LINE && kind != TYPE_BEZIER) return true;
  const int32_t width = edge_is_wide(b, edge) ? *obj(b, edge, LINE_WIDE_EXTENT) : 0,
                right = b->work[WORK_FILL_MAX_X];
  if (*obj(b, edge, LINE_END_Y) + width < b->work[WORK_FILL_MIN_Y]) return false;
  return *obj(b, edge, EDGE_X) - width < right || *obj(b, edge, LINE_END_X) - width < right;
}

static void make_edge_table(struct balloon *b) {
  for (int32_t object = 0; object < b->objects_used && !b->stopped;) {
    const int32_t type = obj_type(b, object), length = *obj(b, object, OBJ_LENGTH);
    if (type != 0 && type <= TYPE_EDGES && *obj(b, object, EDGE_Y) < b->work[WORK_FILL_MAX_Y] &&
        is_in_sight(b, object) && balloon_has_space(b, 1))
      *get_at(b, b->work[WORK_GET_USED]++) = object;
    if (length <= 0 || length > b->objects_used - object) {
      balloon_broken(b);
      return;
    }
    object += length;
  }
}

void balloon_begin(struct balloon *b) {
  int32_t *const w = b->work;
  balloon_set_aa_level(b, w[WORK_AA_LEVEL]);
  const int32_t level = aa_level(b);
  if (w[WORK_CLIP_MIN_X] < 0) w[WORK_CLIP_MIN_X] = 0;
  if (w[WORK_CLIP_MAX_X] > w[WORK_SPAN_SIZE]) w[WORK_CLIP_MAX_X] = w[WORK_SPAN_SIZE];
  w[WORK_FILL_MIN_X] = w[WORK_CLIP_MIN_X] * level;
  w[WORK_FILL_MIN_Y] = w[WORK_CLIP_MIN_Y] * level;
  w[WORK_FILL_MAX_X] = w[WORK_CLIP_MAX_X] * level;
  w[WORK_FILL_MAX_Y] = w[WORK_CLIP_MAX_Y] * level;
  w[WORK_GET_USED] = w[WORK_AET_USED] = 0;
  make_edge_table(b);
  if (b->stopped) return;
  if (w[WORK_GET_USED] == 0) {
    w[WORK_CURRENT_Y] = w[WORK_FILL_MAX_Y];
    return;
  }
  sort_edges(b, get_at(b, 0), 0, w[WORK_GET_USED] - 1);
  w[WORK_CURRENT_Y] = *obj(b, *get_at(b, 0), EDGE_Y);
  if (w[WORK_CURRENT_Y] < w[WORK_FILL_MIN_Y]) w[WORK_CURRENT_Y] = w[WORK_FILL_MIN_Y];
  w[WORK_SPAN_START] = 0;
  w[WORK_SPAN_END] = (int32_t)(b->span_size << aa_shift(b)) - 1;
  balloon_clear_span(b);
}

/* ---- the active edge table ---- */

static int32_t x_in_aet(struct balloon *b, int32_t i) { return *obj(b, *aet_at(b, i), EDGE_X); }

void balloon_insert(struct balloon *b, int32_t edge) {
  const int32_t used = b->work[WORK_AET_USED], x = *obj(b, edge, EDGE_X);
  if (*obj(b, edge, EDGE_LINES) <= 0) return;
  int32_t i = 0;
  while (i < used && x_in_aet(b, i) < x) i++;
  while (i < used && x_in_aet(b, i) == x && begins_before(b, *aet_at(b, i), edge)) i++;
  if (!balloon_has_space(b, 1)) return;
  for (int32_t k = used; k > i; k--) *aet_at(b, k) = *aet_at(b, k - 1);
  *aet_at(b, i) = edge;
  b->work[WORK_AET_USED]++;
}

void balloon_remove_first(struct balloon *b) {
  if (b->work[WORK_AET_USED] <= 0) return;
  b->work[WORK_AET_USED]--;
  for (int32_t i = b->work[WORK_AET_START]; i < b->work[WORK_AET_USED]; i++)
    *aet_at(b, i) = *aet_at(b, i + 1);
}

/* The edge that was stepped goes left past those that it has crossed. */
void balloon_resort_first(struct balloon *b) {
  int32_t i = b->work[WORK_AET_START];
  const int32_t edge = *aet_at(b, i), x = *obj(b, edge, EDGE_X);
  for (; i > 0 && x_in_aet(b, i - 1) > x && !b->broken; i--) *aet_at(b, i) = *aet_at(b, i - 1);
  *aet_at(b, i) = edge;
}

static bool is_external(int32_t type) { return (type & TYPE_KIND) == TYPE_EDGE; }

bool balloon_next_edges(struct balloon *b) {
  int32_t *const w = b->work;
  const int32_t y = w[WORK_CURRENT_Y];
  while (w[WORK_GET_START] < w[WORK_GET_USED] && !b->broken) {
    const int32_t edge = *get_at(b, w[WORK_GET_START]), type = obj_type(b, edge);
    if (*obj(b, edge, EDGE_Y) > y) return false;
    if (is_external(type)) return true;
    if (!balloon_has_space(b, 1)) return false;
    switch (type) {
      case TYPE_LINE: line_first(b, edge, y); break;
      case TYPE_LINE | TYPE_WIDE: wide_line_first(b, edge, y); break;
      case TYPE_BEZIER: bezier_first(b, edge, y); break;
      case TYPE_BEZIER | TYPE_WIDE: wide_bezier_first(b, edge, y); break;
    }
    balloon_insert(b, edge);
    w[WORK_GET_START]++;
  }
  return false;
}

bool balloon_next_updates(struct balloon *b) {
  int32_t *const w = b->work;
  while (w[WORK_AET_START] < w[WORK_AET_USED] && !b->broken) {
    const int32_t edge = *aet_at(b, w[WORK_AET_START]), left = *obj(b, edge, EDGE_LINES) - 1;
    const int32_t type = obj_type(b, edge);
    if (left == 0) {
      balloon_remove_first(b);
      continue;
    }
    *obj(b, edge, EDGE_LINES) = left;
    if (is_external(type)) return true;
    switch (type) {
      case TYPE_LINE: line_next(b, edge); break;
      case TYPE_LINE | TYPE_WIDE: wide_line_next(b, edge); break;
      case TYPE_BEZIER: bezier_next(b, edge, w[WORK_CURRENT_Y]); break;
      case TYPE_BEZIER | TYPE_WIDE: wide_bezier_next(b, edge, w[WORK_CURRENT_Y]); break;
    }
    balloon_resort_first(b);
    w[WORK_AET_START]++;
  }
  return false;
}

/* ---- the stack of fills ----
 *
 * Entries of three words, by index from the stack's top; the fill that is seen is the last of them: the
 * deepest, of equal depth the one with the lesser name. */
enum { ENTRY_FILL, ENTRY_DEPTH, ENTRY_RIGHT, ENTRY_SIZE };

static int32_t *entry(struct balloon *b, int32_t i, int32_t word) {
  return balloon_word(b, (int64_t)b->work[WORK_TOP] + i + word);
}
static int32_t seen(struct balloon *b) { return balloon_stack_size(b) - ENTRY_SIZE; }
static bool stack_is_empty(struct balloon *b) { return balloon_stack_size(b) < ENTRY_SIZE; }
static int32_t seen_fill(struct balloon *b) { return stack_is_empty(b) ? 0 : *entry(b, seen(b), ENTRY_FILL); }
static int32_t seen_right(struct balloon *b) {
  return stack_is_empty(b) ? FAR_RIGHT : *entry(b, seen(b), ENTRY_RIGHT);
}

static void copy_entry(struct balloon *b, int32_t from, int32_t to) {
  for (int32_t i = 0; i < ENTRY_SIZE; i++) *entry(b, to, i) = *entry(b, from, i);
}
static void exchange_entries(struct balloon *b, int32_t one, int32_t other) {
  for (int32_t i = 0; i < ENTRY_SIZE; i++) exchange(entry(b, one, i), entry(b, other, i));
}
static bool is_before(struct balloon *b, int32_t one, int32_t other) {
  const int64_t deeper = (int64_t)*entry(b, one, ENTRY_DEPTH) - *entry(b, other, ENTRY_DEPTH);
  if (deeper != 0) return deeper > 0;
  return (uint32_t)*entry(b, one, ENTRY_FILL) < (uint32_t)*entry(b, other, ENTRY_FILL);
}
static int32_t find_entry(struct balloon *b, int32_t fill, int32_t depth) {
  for (int32_t i = 0; i + ENTRY_SIZE <= balloon_stack_size(b); i += ENTRY_SIZE)
    if (*entry(b, i, ENTRY_FILL) == fill && *entry(b, i, ENTRY_DEPTH) == depth) return i;
  return -1;
}

static void show(struct balloon *b, int32_t fill, int32_t depth, int32_t right) {
  if (!balloon_push(b, ENTRY_SIZE)) return;
  *entry(b, 0, ENTRY_FILL) = fill;
  *entry(b, 0, ENTRY_DEPTH) = depth;
  *entry(b, 0, ENTRY_RIGHT) = right;
  if (seen(b) > 0 && is_before(b, 0, seen(b))) exchange_entries(b, 0, seen(b));
}

static bool hide(struct balloon *b, int32_t fill, int32_t depth) {
  const int32_t i = find_entry(b, fill, depth);
  if (i < 0) return false;
  if (i > 0) copy_entry(b, 0, i);
  b->work[WORK_TOP] += ENTRY_SIZE;
  if (i == 0 || balloon_stack_size(b) <= ENTRY_SIZE) return true;
  int32_t first = 0;
  for (int32_t k = ENTRY_SIZE; k + ENTRY_SIZE <= balloon_stack_size(b); k += ENTRY_SIZE)
    if (is_before(b, k, first)) first = k;
  if (first != seen(b)) exchange_entries(b, first, seen(b));
  return true;
}

/* The fills of lines end without an edge. */
static void remove_ended(struct balloon *b, int32_t x) {
  while (!stack_is_empty(b) && seen_right(b) <= x && !b->broken)
    (void)hide(b, seen_fill(b), *entry(b, seen(b), ENTRY_DEPTH));
}

static void toggle(struct balloon *b, int32_t fill, int32_t depth) {
  if (fill != 0 && (stack_is_empty(b) || !hide(b, fill, depth))) show(b, fill, depth, FAR_RIGHT);
}

static void toggle_fills(struct balloon *b, int32_t edge) {
  const int32_t depth = *obj(b, edge, EDGE_Z) * 2;
  if (!balloon_has_space(b, 2 * ENTRY_SIZE)) return;
  toggle(b, *obj(b, edge, EDGE_LEFT_FILL), depth);
  toggle(b, *obj(b, edge, EDGE_RIGHT_FILL), depth);
  remove_ended(b, *obj(b, edge, EDGE_X));
}

/* Lines are before what they are around. */
static void show_line(struct balloon *b, int32_t edge) {
  const int32_t fill = *obj(b, edge, LINE_WIDE_FILL), depth = *obj(b, edge, EDGE_Z) * 2 + 1;
  const int32_t right = *obj(b, edge, EDGE_X) + *obj(b, edge, LINE_WIDE_WIDTH);
  if (fill == 0 || !balloon_has_space(b, ENTRY_SIZE)) return;
  const int32_t i = find_entry(b, fill, depth);
  if (i < 0)
    show(b, fill, depth, right);
  else if (*entry(b, i, ENTRY_RIGHT) < right)
    *entry(b, i, ENTRY_RIGHT) = right;
  remove_ended(b, *obj(b, edge, EDGE_X));
}

/* ---- a line ---- */

static void fill_between(struct balloon *b, int32_t left, int32_t right) {
  int32_t stop = seen_right(b);
  while (stop < right && !b->broken) {
    if (balloon_fill_span(b, seen_fill(b), left, stop)) return;
    remove_ended(b, stop);
    left = stop;
    stop = seen_right(b);
    if (stop <= left) break; /* edges are beyond FAR_RIGHT */
  }
  (void)balloon_fill_span(b, seen_fill(b), left, right);
}

/* Fills that are the image's own are left out, as the definition does: they never stop the engine. */
bool balloon_next_fills(struct balloon *b) {
  int32_t *const w = b->work;
  int32_t right = w[WORK_FILL_MAX_X];
  while (w[WORK_AET_START] < w[WORK_AET_USED] && !b->broken) {
    const int32_t edge = *aet_at(b, w[WORK_AET_START]), left = *obj(b, edge, EDGE_X);
    right = left;
    if (left >= w[WORK_FILL_MAX_X]) return false;
    remove_ended(b, left);
    if (edge_is_wide(b, edge)) show_line(b, edge);
    if ((*obj(b, edge, OBJ_TYPE) & TYPE_FILLS_INVALID) == 0) {
      toggle_fills(b, edge);
      if (b->stopped) return false;
    }
    w[WORK_AET_START]++;
    if (w[WORK_AET_START] >= w[WORK_AET_USED]) break;
    right = x_in_aet(b, w[WORK_AET_START]);
    if (right >= w[WORK_FILL_MIN_X]) fill_between(b, left, right);
  }
  if (right < w[WORK_FILL_MAX_X]) fill_between(b, right, w[WORK_FILL_MAX_X]);
  return false;
}

/* Copies the span's used part to the destination. */
static void copy_span(struct balloon *b) {
  const int32_t *w = b->work;
  const uint32_t shift = aa_shift(b);
  int32_t left = (int32_t)((uint32_t)w[WORK_SPAN_START] >> shift);
  int32_t right = (int32_t)((uint32_t)(w[WORK_SPAN_END] + aa_level(b) - 1) >> shift);
  const int32_t y = (int32_t)((uint32_t)w[WORK_CURRENT_Y] >> shift);
  if (left < w[WORK_CLIP_MIN_X]) left = w[WORK_CLIP_MIN_X];
  if (right > w[WORK_CLIP_MAX_X]) right = w[WORK_CLIP_MAX_X];
  if (y < w[WORK_CLIP_MIN_Y] || y >= w[WORK_CLIP_MAX_Y] || right < w[WORK_CLIP_MIN_X] ||
      left >= w[WORK_CLIP_MAX_X])
    return;
  b->blit.dest_x = b->blit.source_x = left;
  b->blit.dest_y = y;
  b->blit.width = right - left;
  if (bitblt_clip(&b->blit, false)) (void)bitblt_run(&b->blit);
}

/* At the last line of subpixels of a pixel's. */
void balloon_display(struct balloon *b) {
  int32_t *const w = b->work;
  if ((w[WORK_CURRENT_Y] & w[WORK_AA_SCAN_MASK]) != w[WORK_AA_SCAN_MASK]) return;
  copy_span(b);
  if ((w[WORK_GET_START] >= w[WORK_GET_USED] && w[WORK_AET_USED] == 0) ||
      w[WORK_CURRENT_Y] >= w[WORK_FILL_MAX_Y])
    w[WORK_STATE] = STATE_COMPLETED;
}

/* ---- rendering ---- */

void balloon_start_scanning(struct balloon *b) {
  b->work[WORK_AET_START] = 0;
  balloon_clear_stack(b);
  b->work[WORK_CLEAR_SPAN] = 1;
}

/* Each step answers whether the line goes on. Where it does not, the engine has stopped in a state from which
 * it goes on, or is done. */
static bool pause_at(struct balloon *b, bool external, int32_t state, int32_t waiting, int32_t reason) {
  if (b->stopped) {
    b->work[WORK_STATE] = state;
  } else if (external) {
    b->work[WORK_STATE] = waiting;
    balloon_stop(b, reason);
  }
  return !b->stopped;
}

static bool step_edges(struct balloon *b) {
  const uint64_t start = balloon_profile_start();
  const bool external = balloon_next_edges(b);
  balloon_profile(b, WORK_COUNT_NEXT_GET, start);
  if (!pause_at(b, external, STATE_ADDING_FROM_GET, STATE_WAITING_FOR_EDGE, STOP_GET_ENTRY)) return false;
  balloon_start_scanning(b);
  return true;
}

static bool step_fills(struct balloon *b) {
  int32_t *const w = b->work;
  const uint64_t start = balloon_profile_start();
  if (w[WORK_CLEAR_SPAN] != 0 && (w[WORK_CURRENT_Y] & w[WORK_AA_SCAN_MASK]) == 0) balloon_clear_span(b);
  w[WORK_CLEAR_SPAN] = 0;
  const bool external = balloon_next_fills(b);
  balloon_profile(b, WORK_COUNT_NEXT_FILL, start);
  if (!pause_at(b, external, STATE_SCANNING_AET, STATE_WAITING_FOR_FILL, STOP_FILL_ENTRY)) return false;
  balloon_clear_stack(b);
  w[WORK_SPAN_END_AA] = 0;
  return true;
}

static bool step_display(struct balloon *b) {
  const uint64_t start = balloon_profile_start();
  balloon_display(b);
  balloon_profile(b, WORK_COUNT_DISPLAY_SPAN, start);
  if (b->work[WORK_STATE] == STATE_COMPLETED) return false;
  b->work[WORK_AET_START] = 0;
  b->work[WORK_CURRENT_Y]++;
  return true;
}

static bool step_updates(struct balloon *b) {
  const uint64_t start = balloon_profile_start();
  const bool external = balloon_next_updates(b);
  balloon_profile(b, WORK_COUNT_NEXT_AET, start);
  return pause_at(b, external, STATE_UPDATE_EDGES, STATE_WAITING_CHANGE, STOP_AET_ENTRY);
}

/* Goes on with a line in whatever state it is. */
void balloon_render_line(struct balloon *b) {
  int32_t state = b->work[WORK_STATE];
  if (state == STATE_UNLOCKED) {
    balloon_begin(b);
    if (b->stopped) return;
    state = STATE_ADDING_FROM_GET;
  }
  if (state == STATE_ADDING_FROM_GET) {
    if (!step_edges(b)) return;
    state = STATE_SCANNING_AET;
  }
  if (state == STATE_SCANNING_AET) {
    if (!step_fills(b)) return;
    state = STATE_BLIT_BUFFER;
  }
  if (state == STATE_BLIT_BUFFER) {
    if (!step_display(b)) return;
    state = STATE_UPDATE_EDGES;
  }
  if (state == STATE_UPDATE_EDGES && step_updates(b)) b->work[WORK_STATE] = STATE_ADDING_FROM_GET;
}

void balloon_render_image(struct balloon *b) {
  balloon_render_line(b);
  while (!b->stopped && b->work[WORK_STATE] != STATE_COMPLETED && balloon_spend_line(b) && step_edges(b) &&
         step_fills(b) && step_display(b) && step_updates(b))
    ;
}
