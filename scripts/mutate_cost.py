#!/usr/bin/env python3
"""Does the oracle notice?  Each mutant drops or bends one term of the closed form in src/cost/native; the oracle must
tell it from the replay.  usage: scripts/mutate_cost.py [--cases N] [--jobs N] [--only WORD]

Works on a copy of the tree in a temporary folder.  Prints a table; exits 1 if a mutant survives, 2 if the table below
is stale (a text is not found exactly once), a mutant does not compile, or the unchanged tree itself fails.
"""
import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

NATIVE = "src/cost/native"
PARTS = ["src/cost", "src/dataflow", "src/verify", "src/workload", "src/arch", "src/base", "tests/oracle"]
FLAGS = ["-std=c17", "-O1", "-w", "-D_POSIX_C_SOURCE=200809L", "-ffp-contract=off", "-UNDEBUG", "-Isrc", "-Iinclude",
         "-Itests"]
HEADERS_OF = {"window.h": "moved.c", "nest.h": "moved.c", "tree.h": "tree.c"}  # what the headers in the table are mutated in; even.c else
TIMEOUT = 120  # seconds for one run; a mutant that hangs is no better than one that survives

MUTANTS = [  # name, file, then pairs: old text (exactly once in the file), new text
    # pieces of one dim
    ("last ragged piece forgotten", "piece.c", "if (end == count && count > full", "if (false && count > full"),
    ("last ragged piece counted full", "piece.c", "c->extent - full * shift", "shift"),
    ("limit of cyclic pieces", "piece.c", "hd_count_max(k->limit, k->extent - d->shift)", "k->limit"),
    ("limit inside a cut piece", "piece.c", "c->limit - first * shift, c->states", "0, c->states"),
    ("short pieces of whole views", "cutting.c", "if (rest > 0) keep(c, c->shorts, rest, cut_from);", ""),
    ("shorter pieces cut again", "cutting.c", "c->pieces += pieces * full;", "c->pieces += pieces;"),
    ("first index of shorter pieces", "cutting.c", "c->pieces += c->rest[i].pieces;", ";"),
    ("pieces of ragged dims", "nest.c", "d->pieces = full + others;", "d->pieces = full;"),
    ("short pieces of a digit", "nest.c", "if (left > 0) few &= keep_short(d, left, from->full), others", "if (left > 0) others"),
    ("short pieces that a digit cuts", "nest.c", "full += pieces * indices;", ""),
    ("pieces that stay in one tile", "piece.c", "if (limit == 0) return extent;", "return extent;"),
    ("pieces that stay", "piece.c", "words += p.of[i].pieces * stay_past(loop, unit, d[-1].shift, p.of[i].extent);", ";"),
    ("steps of absent dims", "moved.c", "nd->digit[i].time < cut; i++) steps", "true; i++) steps"),
    ("loops with one index only", "nest.c", "whole = rest == 0, last = indices - whole;", "whole = rest == 0;"),
    ("units that may be idle", "nest.c", "l->unsure = !t.whole && t.last > 0;", "l->unsure = false;"),
    ("units that may be idle in the first short piece", "nest.c", "return (turn){count, false};",
     "return (turn){count, true};"),
    ("loops out of order", "nest.c", "if (nd->in_order || !(b->ragged >> dim & 1u)) return;", "return;"),
    ("digits listed in another order", "nest.c", "recount(&b, hd_dim_of(left));",
     "n->loops_to[0] = 0;"),
    ("pieces counted anew", "nest.c", "while (l < g->level) n->pieces[l++][dim] = b->pieces[dim];", ""),
    ("pieces of levels without digits", "nest.c", "memcpy(n->pieces[level], b->pieces, sizeof n->pieces[level]);",
     "for (int d = 0; d < HD_MAX_DIMS; d++) n->pieces[level][d] = l->updates + l->stacks > 0 ? b->pieces[d] : 1;"),
    ("the first short piece", "nest.c", "d->pieces = d->full + outer;",
     "d->pieces = d->full;"),
    ("shorter pieces kept", "nest.c", "c->pieces = ragged ? d->full :", "c->pieces ="),
    ("pieces inside of an index 0", "piece.c",
     "if (nd->even_to < v->event) return states_inside(n, dim, v, cut, first);", ""),
    ("pieces of two indices stay nowhere", "piece.c", "if (p->of[i].extent < 2 * loop->shift) add",
     "if (false) add"),
    ("stacks outside of loops", "nest.c", "nd->trailing &= ~outside;", ""),
    ("short pieces at an index 0", "piece.c", "if (p.of[i].extent >= c.extent) c.pieces += p.of[i].pieces;",
     "if (p.of[i].extent >= c.extent) continue;"),
    ("restarted loops count", "piece.c", "return d->time < cut ? SUM : RESTARTED", "return SUM"),
    ("outer tiles that must stay too", "piece.c", "v->settle > 0 ? v->settle : v->event", "v->event"),
    ("tiles settle before the box is cut", "piece.c", "settle(now);\n        }", "\n        }"),
    ("stacks held fixed", "piece.c", "spread(to, k, d->shift, at, at + 1)", "spread(to, k, d->shift, 0, 1)"),
    ("merged stacks of absent dims", "piece.c", "absent && (d->stack & (v->merge | v->pool)) ? RESTARTED : SUM", "SUM"),
    # sliding and clipped ranks
    ("clipping low", "slide.c", "(span){hd_count_max(lo, 0),", "(span){lo,"),
    ("clipping high", "slide.c", "hd_count_min(hi, r->extent)", "hi"),
    ("stale words of sliding ranks", "slide.c", "covered - hd_spans_needed(&set)", "0"),
    ("new words before the old window", "spans.c", "if (now.lo < old.lo)", "if (false)"),
    ("old tile of the advancing loop", "slide.c", "if (w->own >= 0) w->index[w->own]--;", "",
     "if (w->own >= 0) w->index[w->own]++;", ""),
    ("advancing window starts at 0", "slide.c", "w->start[i] = 1;", "w->start[i] = 0;"),
    ("overlap of merged windows", "spans.c", "hd_count_max(s[i].lo, end)", "s[i].lo"),
    ("merged stacks of sliding ranks", "slide.c", "else if (d->stack & v->merge)", "else if (false)"),
    ("borders of even sliding ranks", "slide.c", "real.covered - w->inside.covered", "0"),
    # places
    ("clipping of a placed piece", "place.c", "hd_count_min(nd->digit[i].shift, extent - offset)",
     "nd->digit[i].shift"),
    ("restarted loops were at their end", "place.c", "index[d] = nd->digit[d].count - 1", "index[d] = 0"),
    ("last indices in the order of time", "place.c", ".time > nd->digit[digit[j]].time",
     ".time < nd->digit[digit[j]].time"),
    # words moved
    ("innermost loop advances", "moved.c", "plain_words(n, role, v, whole) * absent_states(n, role, v, whole, HD_ALL_FREE, 0)",
     "plain_words(n, role, v, whole)"),
    ("words held through absent loops", "moved.c", "if (absent != w->behind[i]) w->words[i] -=",
     "if (false) w->words[i] -="),
    ("absent dims whose stacks merge", "moved.c", "(once ? ~n->split[v->event] : ~0u)", "~0u"),
    ("ranks that wait", "moved.c", "w->unknown[k] = (1u << w->ways) - 1;", ";"),
    ("loops inside of all of a role", "moved.c", "words[i] = absent_states(n, role, &v[i], whole, j + 1, turned);",
     "words[i] = absent_states(n, role, &v[i], whole, HD_ALL_FREE, 0);"),
    ("words held while a window advances", "moved.c", "w->words[i] -= own * others;", ""),
    ("absent loops that restart", "moved.c", "!(turned >> dim & 1u) && !(stacks & once)", "!(stacks & once)"),
    ("pieces that stay", "moved.c", "hd_piece_sums(n, dim, v, j, false).stay", "0"),
    ("first pieces of stacked dims", "piece.c", "if (treat(&nd->digit[i], v, 0, absent) == SUM) count *=",
     "if (false) count *="),
    # windows without borders
    ("ahead of an even window", "window.h", "(w->even ? l->count - 1 : l->last)", "1"),
    ("loops that may not turn", "window.h", "w->even ? l->count - 1 : l->last", "l->count - 1"),
    ("boxes far apart", "window.c", "if (w->ahead >= w->longest) return 0;", "if (w->ahead + 1 >= w->longest) return 0;"),
    ("gaps that part boxes", "window.h", "w->reach[!t] < (w->cut", "w->reach[!t] <= (w->cut"),
    ("gaps after a turn", "window.h", "w->cut[t] < HD_ALL_FREE ? w->coef[t] : step - w->reach[t]", "step - w->reach[t]"),
    ("old boxes far ahead of an advance", "window.h", "w->ahead - step >= w->longest", "w->ahead >= w->longest"),
    ("low border", "border.c",
     "hd_count_max(0, hd_count_min(hi, r->extent) - hd_count_max(lo, 0))", "(hd_count_min(hi, r->extent) - lo)"),
    ("high border", "border.c", "words += hi - hd_count_max(lo, r->extent);", "words += 0;"),
    ("advance of an even window", "window.c", "w->ahead - w->coef[t] * l->shift;", "w->ahead;"),
    ("strip of a whole box", "window.c", "hd_count_min(llabs(ahead), y->length)", "llabs(ahead)"),
    ("units that overlap", "grid.c", "words += (count - 1) * step;", "words *= count;"),
    ("units in the gaps of others", "grid.c", "return one_by_one(g, length);", "words *= count;"),
    ("overlap of single units", "window.c", "hd_count_min(now.hi, old.hi)", "now.hi"),
    ("boxes that share nothing", "window.c", "first * states[1]", "first"),
    ("units side by side", "window.c", "if (merged != here || (merged & ~nd->trailing)) return false;", ""),
    ("gaps between units", "window.c", "return r->coef[t] <= other;", "return true;"),
    ("longest box of a window", "window.h", "1 + w->reach[0] + w->reach[1]", "1 + w->reach[0]"),
    ("boxes of units apart", "window.h", "words * others + r->coef[1]", "words + r->coef[1]"),
    ("short new piece of an advance", "classes.c", "rest, (before){-shift, shift}", "shift, (before){-shift, shift}"),
    ("advances of full pieces", "classes.c", "shift, (before){-shift, shift}, states * (full - 1))",
     "shift, (before){-shift, shift}, states * full)"),
    ("last piece of a restart", "classes.c", "b.lo += last * shift;", ""),
    ("advance among units", "classes.c", "index[in->own] = at - 1;", "index[in->own] = at;"),
    ("short piece of an advance outside units", "classes.c",
     "extent == full * shift || add_states(out, in, extent, full, states)", "true"),
    ("advances inside units", "classes.c", "for (int64_t at = 1;", "for (int64_t at = 2;"),
    ("first step of unmerged units", "window.c", "(cut > 0 ? y->states : y->unmerged) * y->covered", "y->covered"),
    ("stacks that share an axis", "nest.c", "outside |= nd->stacks & ~(NEST_STACK(g->level, 0) - 1);", ";"),
    ("firm innermost loop", "moved.c", "if (w->whole && w->n->loop[j].last > 0) return false;",
     "if (w->whole) return false;"),
    ("roles that change wholly", "moved.c", "j < 0 || (n->loop[j].last > 0 &&", "j < 0 || (true &&"),
    ("steps of unit 0", "nest.c", "(nd->digit[i].time >= 0 ? hd_cutting_all : hd_cutting_first)(&c",
     "hd_cutting_all(&c"),
    ("steps of unit 0 in short pieces", "nest.c", "steps += before->of[k].pieces * hd_count_min(before->of[k].extent, shift);", ""),
    ("points that every piece has", "nest.c", "return (turn){least - 1, true};", "return (turn){count - 1, true};"),
    ("home words that nothing touches", "moved.c", "words *= hd_rank_touched(n->p->op, role->of[r].rank)",
     "words *= role->of[r].rank->extent"),
    # traffic
    ("groups that wires join", "traffic.c", "unsigned wired = l->between & c->factors->wires;", "unsigned wired = 0;"),
    ("groups of an instance", "instance.c", "how == MERGE_WIRED ? c->link[i].between & c->factors->wires",
     "how == MERGE_WIRED ? 0"),
    ("copies that merge", "traffic.c", "copies *= nd->digit[k].count;", ";"),
    ("merging of ragged copies", "traffic.c", "even = nd->even_to >= level;", "even = true;"),
    ("merging of windows", "traffic.c", "if (own || (!even && cut < 0)) return false;", "if (!even && cut < 0) return false;"),
    ("merging at several cuts", "moved.c", "if (cut) *cut = -1;", ""),
    ("merged states at the cut", "traffic.c", "* hd_piece_states(n, dim, merged, cut)", "* 1"),
    ("the cut of words", "moved.c", "if (cut) *cut = j + 1;", "if (cut) *cut = HD_ALL_FREE;"),
    ("first touch", "traffic.c", "int64_t touched = l->held - l->loads;", "int64_t touched = 0;"),
    ("first touch at home", "traffic.c", "c->link[1].asked - c->link->held", "c->link[1].asked"),
    ("first touch further out", "traffic.c", "events - (l[-1].held - l[-1].loads)", "events - l[-1].held"),
    ("first touch of the last link", "traffic.c", "l->asked - (l[-1].held - l[-1].loads)", "l->asked - l[-1].held"),
    ("updates of non-reducing groups (U - E)", "instance.c", "a->updates - (share_arrivals",
     "entering(n, c, i + 1, which, MERGE_ALL, level, at) - (share_arrivals"),
    ("units that load together", "traffic.c", "l->between & ~c->factors->wires ? asked(n, c, l, v, l->between, apart) : l->asked",
     "l->asked"),
    ("late groups of the last leaving", "instance.c", "a->updates - entering(n, c, i + 1, which, MERGE_ALL, level, at)",
     "0"),
    ("units joined at the first step", "window.c", "merged && units_join(n, r, v, t, merged) && merged == stacks", "merged != 0"),
    ("steps of one", "window.c", "return advances * w->rank->term[!t].coef *", "return 0 *"),
    ("units side by side at first", "nest.h", "return i > 0 ? nd->digit[i - 1].shift : n->p->op->dim[dim].extent;",
     "return n->p->op->dim[dim].extent;"),
    ("units merged and apart", "moved.c", "f->apart = w->ways > 1 && (stacks & (w->v[0].merge ^ w->v[1].merge));", "f->apart = false;"),
    ("classes of merged units, one by one", "window.c", "*apart += states * alone;", "*apart = *together;"),
    ("units side by side", "window.c", "now.hi - hd_count_max(now.lo, end)", "now.hi - now.lo"),
    ("units side by side, from the other end", "window.c", "x = backwards ? a->of[i].units - 1 : 0", "x = 0"),
    ("words that stay past second indices", "piece.c", "hd_count_ceil_div(limit, unit_shift) * unit_shift", "limit"),
    ("stacks inside of one link alone", "traffic.c", "return stacks & inside;", "return stacks;"),
    ("points of pieces in words of one rank", "window.c", "coef * (u->hi - 1) + 1, coef * u->old_lo", "coef * u->hi, coef * u->old_lo"),
    ("words into the tiles of one instance", "cycles.c", "writes += (moved.fills + moved.updates) * bits;", ";"),
    ("words that all points touch", "role.c", "role->touched *= hd_rank_touched(op, rank)", "role->touched *= 1"),
    ("restarts laid out", "classes.c", "hd_count_min(extent, l->nd->digit[l->stacks - 1].shift) : extent", "extent : extent"),
    ("drain reads", "traffic.c", "l[1].asked - touched + l->held", "l[1].asked - touched"),
    ("drain reads of an instance", "instance.c", "if (i > 0) a->reads +=",
     "if (false) a->reads +="),
    ("loads as fills", "traffic.c", "+ l->held, l->loads, l[1].asked}", "+ l->held, 0, l[1].asked}"),
    ("loads as fills of an instance", "instance.c", "if (i > 0 && which == PART_ALL) a->fills",
     "if (false) a->fills"),
    ("one loader in a group", "instance.c", "at[d][k] != 0) return false", "at[d][k] < 0) return false"),
    ("row read twice", "traffic.c", "l->held *= 2, l[1].asked *= 2;", "l->held *= 2;"),
    ("row read twice by an instance", "instance.c", "if (c->twice) a->reads",
     "if (false) a->reads"),
    ("row delivered twice", "traffic.c", "l->held *= 2, l[1].asked *= 2;", "l[1].asked *= 2;"),
    ("row that passes twice", "traffic.c", "PART_ALL, &v) * (c->twice ? 2 : 1)", "PART_ALL, &v)"),
    ("operand register", "traffic.c", "bool nothing_held = i == c->links && !c->factors->held_at_mac;\n    if (which",
     "bool nothing_held = i == c->links;\n    if (which"),
    ("deliveries of loads", "traffic.c", "l->level, l->held + l->loads, out)", "l->level, l->held, out)"),
    ("loads that pass", "traffic.c", "words + (c->role == HD_O ? c->link[i].loads : 0)", "words"),
    ("operands leave, outputs come", "cycles.c", "which == (c[k].role == HD_O ? PART_FIRST : PART_LAST)", "false"),
    # cycles
    ("bits of partial sums", "ready.c", "level > p->home[HD_O]", "level >= p->home[HD_O]"),
    ("shared port", "cycles.c", "longer(0, reads + writes, rate->shared)", "longer(0, hd_count_max(reads, writes), rate->shared)"),
    ("extra reads", "ready.c", "role = HD_O; /* the residual", "return 0; /* the residual"),
    ("busiest instance", "cycles.c", "while (next_instance(n, uneven, level, at))", "while (false)"),
    ("busiest: a place inside", "cycles.c", "if (inner >= 0) return true;", "return true;"),
    ("busiest: which border is near", "alike.c", "while (index < count && touches(a, dim, digit, index)) index++;", ""),
    ("busiest: pieces that are not alike", "cycles.c", "if (n->dim[d].even_to == n->mac && stand_inside(", "if (stand_inside("),
    ("busiest: who loads stands at 0", "cycles.c", "even = dims & o->dims & ~o->general;", "even = dims;"),
    ("idle units that hold more at the end", "cycles.c", "which == PART_LAST ? hd_nest_ragged(n) : uneven_dims(n->p->op)",
     "uneven_dims(n->p->op)"),
    ("fused vector work", "cycles.c", "hd_count_max(steps, ready->vector_cycles)", "steps"),
    ("fill cycles", "cycles.c", "fill += t.fill;", "fill = t.fill;"),
    ("drain cycles", "cycles.c", "drain += t.drain;", "drain = t.drain;"),
    ("first tiles on wires", "cycles.c", "i + 1, c->link[i + 1].between & c->factors->wires);\n        if (i > 0)", "i + 1, 0);\n        if (i > 0)"),
    ("first tiles of the level's own", "cycles.c", "if (i > 0) writes += bits * hd_link_edge(n, c, i, 0);", ""),
    ("first row read twice", "cycles.c", "[c->role] * (c->twice ? 2 : 1)", "[c->role]"),
    ("first tiles of units", "traffic.c", "c->factors->open && n->split[level] == 0", "c->factors->open"),
    ("last results: late groups", "cycles.c", "reads = updates - hd_link_edge(n, c, i + 1, between);", ""),
    ("last results of the level's own", "cycles.c", "if (i > 0) reads += hd_link_edge(n, c, i, 0);", ""),
    ("last results on wires", "cycles.c", "updates = hd_link_edge(n, c, i + 1, between & c->factors->wires)",
     "updates = hd_link_edge(n, c, i + 1, 0)"),
    ("serial levels", "cycles.c", "serial += cycles", "serial = hd_count_max(serial, cycles)"),
    # the straight road; what windows hold through two restarts is too rare here: tests/cost/native/test_even.c finds that
    ("even: loops that do not divide", "even_nest.h", "choice uneven = count != nearest(count);", "choice uneven = count < 0;"),
    ("even: stacks that do not divide", "even_nest.h", "digits.within[hd_dim_of(dims)] != digits.outside[hd_dim_of(dims)]",
     "false"),
    ("even: limited levels that are split", "even_nest.h", "n->stacks == 0 || !(n->single", "true || !(n->single"),
    ("even: copies of dims that a role has", "even_links.h", "wired && !(stack->own & r->bit) ?", "wired ?"),
    ("even: wires that merge", "even_links.h", "wired && !(stack->own & r->bit) ?", "!(stack->own & r->bit) ?"),
    ("even: units whose results meet", "even_links.h", "n->stack[i].own & r->bit ? all(1) : n->stack[i].count", "n->stack[i].count"),
    ("even: units that merge", "even_windows.h", "if (!(n->stack[i].bit & merge) || (plain", "if (true || (plain"),
    ("even: units of plain ranks", "even_windows.h", "& merge) || (plain >> n->stack[i].dim & 1u)) units", "& merge)) units"),
    ("even: units in a row", "even_windows.h", "(count - 1) * lesser(step, length)", "(count - 1) * step"),
    ("even: rows of units", "even_windows.h", "pick((far >= hull) | (length <= 0), row * rows, row + (rows - 1) * far)", "row * rows"),
    ("even: held when a window advances", "even_windows.h", "live * now *", "0 * now *"),
    ("even: plain ranks that change", "even_windows.h", "live = pick(loop->count > 1, all(0), live);", ""),
    ("even: restarted windows", "even_windows.h", "w->stale = held(w, w->ahead);", ""),
    ("even: where restarts lead", "even_windows.h", "w->ahead += coef *", "w->ahead += 0 *"),
    ("even: windows that slide", "even_windows.h", "return end > 0 && (", "return end < 0 && ("),
    ("even: first units of windows", "even_windows.h", "*words *= w.covered;", ""),
    ("even: loops inside of a role's own", "even_windows.h", "while (j > 0 && !(n->loop[j - 1].steady & r->bit)) j--;", ""),
    ("even: copies", "even_links.h", "link->arrivals / link->joined", "link->arrivals"),
    ("even: units", "even_links.h", "steps_at(n, r, inner) * n->used[inner] *", "steps_at(n, r, inner) *"),
    ("even: first touch", "even_lanes.h", "link.arrivals / link.folded - r->first", "link.arrivals / link.folded"),
    ("even: reads of partial sums", "even_lanes.h", "r->arrivals - r->first;", "r->arrivals;"),
    ("even: drain reads", "even_lanes.h", "+= r->arrivals - r->first;", "-= r->first;"),
    ("even: loads as fills", "even_lanes.h", "m->fills = r->loaded;", "m->fills = all(0);"),
    ("even: deliveries of loads", "even_lanes.h", "*words += loads;", ""),
    ("even: groups of deliveries", "even_lanes.h", "if (!entering(n, r, link, words)) return false;",
     "*words = link->arrivals;"),
    ("even: late groups at the end", "even_lanes.h", "m.fills - units / link->folded", "m.fills - m.reads"),
    ("even: windows of the first step", "even_lanes.h", "windows_first(n, r, link->inner, link->merge,",
     "windows_first(n, r, link->inner, 0,"),
    ("even: bits through ports", "even_lanes.h", "(m->fills + m->updates) * bits", "m->fills * bits"),
    ("even: extra reads", "even_lanes.h", "m.reads += (double)n->ready->p->op->extra_reads;", "m.reads += 0;"),
    ("even: extra reads take time", "even_lanes.h", "add_bits(&price->ports[home].run, &m,",
     "add_bits(&(even_port){0, 0}, &m,"),
    # the same of meshes; what windows hold while loops that the role lacks turn: tests/cost/native/test_even_mesh.c
    ("even mesh: words through a fan-out", "even_mesh.c", "m->passing[l] = (int64_t)words;",
     "m->passing[l] = (int64_t)link->arrivals;"),
    ("even mesh: first touch", "even_mesh.c", "(part_of(m->arrivals[i - 1], members_at(m, i - 1)) - m->loads[i - 1]);", "0;"),
    ("even mesh: loads of members", "even_mesh.c", "part_of(m->together[i], members_at(m, i - 1)) -", "m->together[i] -"),
    ("even mesh: units that load together along a window", "even_mesh.c",
     "if (link->spread && !windows_moved(n, r, link->inner, all_wires, &words)) return false;", ""),
    ("even mesh: words of windows of the home", "even_mesh.c", "= role->touched; /*", "= role->words; /*"),
    ("even mesh: units that end together along a window", "even_mesh.c", "between(m->level[i], m->level[i + 1]), m->folded",
     "0, m->folded"),
    ("even mesh: loads of the busiest", "even_mesh.c", "i > 0 ? arrivals - first : 0", "i > 0 ? arrivals : 0"),
    ("even mesh: members ask once", "even_mesh.c", "part_of(m->asked[i + 1], members); /*", "m->asked[i + 1]; /*"),
    ("even mesh: deliveries to members", "even_mesh.c", "m->level[i] == l ? part_of(m->passing[l], members_at(m, i)) : m->passing[l]",
     "m->passing[l]"),
    ("even mesh: deliveries of loads", "even_mesh.c", "? words + m->loads[i] : words;", "? words : words;"),
    ("even mesh: late groups at the end", "even_mesh.c", "own + a->updates - differ", "own"),
    ("even mesh: who loads is the busiest", "even_mesh.c", "if (output && used > 1) {", "if (false) {"),
    ("even mesh: time of full copies", "even_mesh.c", "if (m->members > 1) {", "if (false) {"),
    ("even mesh: columns of a tree", "even_mesh_hops.c", "groups[HD_X] * shape->columns * sum", "groups[HD_X] * sum"),
    ("even mesh: old partials to one node", "even_mesh_hops.c",
     "int64_t count = loaders && !a->digit[k].own ? 1 : a->digit[k].count, weight", "int64_t count = a->digit[k].count, weight"),
    ("even mesh: places of outer stacks", "even_mesh_hops.c", "weight[k->axis] *= k->copies;", ""),
    ("even mesh: old partials come and go", "even_mesh_hops.c", "+ 2 * hops_of_dealt(at, old)", "+ hops_of_dealt(at, old)"),
    ("even mesh: routes of members", "even_mesh_hops.c", "h % d->count * d->weight", "h % d->count"),
    ("even mesh: trips of uses", "even_mesh_hops.c", "used * hd_tree_inside(&at->shape)", "used * 0"),
    # the very end
    ("tiles of idle units at the end", "last.c", "return moved(n, role, v, LAST_OF_EACH)",
     "return moved(n, role, v, LAST_STEP)"),
    ("results of the last step alone", "last.c", "return moved(n, role, v, LAST_STEP)",
     "return moved(n, role, v, LAST_OF_EACH)"),
    ("clipping of the last window", "last.c", "if (hi > r->extent) hi = r->extent;", ""),
    ("clipping low of the last window", "last.c", "if (lo < 0) lo = 0;", ""),
    ("indices of the last step", "last.c", "if (which == LAST_STEP) go_to_last_step(&w);", ""),
    ("units that never work", "last.c", "continue; /* never works */", ";"),
    # meshes
    ("mesh: columns of a tree", "tree.c", "g->columns * hd_tree_reach", "hd_tree_reach"),
    ("mesh: the port's own place", "tree.h", "hd_count_max(port, low + span) - hd_count_min(port, low)", "span"),
    ("mesh: the shortest tree", "tree.c", "if (links >= best.links) continue;", ""),
    ("mesh: the first of equal ports", "tree.c", "if (links >= best.links)", "if (links > best.links)"),
    ("mesh: the longest route", "tree.c", "hd_count_max(low + span - port, port - low)", "port - low"),
    ("mesh: columns between members", "tree.c", "g->span[HD_X] + g->columns * g->span[HD_Y]", "g->span[HD_X] + g->span[HD_Y]"),
    ("mesh: places of outer stacks", "groups.c", "weight[s->axis] *= s->copies;", ""),
    ("mesh: columns of a group", "groups.c", "if (d.axis == HD_X) g->shape.columns *= d.count;", ""),
    ("mesh: nodes without wires", "groups.c", "if (!absent || !(wired & NEST_STACK(level, s->axis)))", "if (!absent)"),
    ("mesh: runs end with pieces", "alike.c", "end = hd_count_min(end, full);", ";"),
    ("mesh: runs of shorter pieces", "alike.c",
     "extent % d->shift) end = hd_count_min(end, index + 1);", "extent % d->shift) {}"),
    ("mesh: a border behind the run", "alike.c", "if (touches(a, dim, digit, k)) return k;", ";"),
    ("mesh: a run that begins at a border", "alike.c",
     "if (touches(a, dim, digit, index)) return hd_count_min(end, index + 1);", ""),
    ("mesh: outer stacks at borders", "alike.c", "*low += a->at[dim][k] * nd->digit[k].shift;", ";"),
    ("mesh: old partials to index 0", "groups.c", "bool apart = d->absent && g->c->role == HD_O;", "bool apart = false;"),
    ("mesh: pieces of one index", "cutting.c",
     "(i < 0 ? old.extent : old.rest[i].extent) - index * shift", "(i < 0 ? old.extent : old.rest[i].extent)"),
    ("mesh: old partials to one node", "hops.c", "if (g->digit[k].absent && g->start[k] > 0) return false;", ""),
    ("mesh: no partials from outside", "hops.c", "return g->c->role == HD_O;", "return false;"),
    ("mesh: the route of old partials", "hops.c", "place = alone(place);\n        tree", "tree"),
    ("mesh: wires inside of nodes", "hops.c",
     "hd_wired_stacks(g->n, c, g->level - 1, c->link[g->link].level)", "hd_wired_stacks(g->n, c, g->level - 1, g->level)"),
    ("mesh: links of a run, axis by axis", "hops.c", "indices[HD_X] * shape->columns * sum[HD_Y]", "indices[HD_X] * sum[HD_Y]"),
    ("mesh: groups of a run", "hops.c", "return indices[HD_Y] * sum[HD_X] +", "return sum[HD_X] +"),
    ("mesh: where a run begins", "hops.c", "low + (g->start[k] + i) * g->digit[k].weight, span", "low + i * g->digit[k].weight, span"),
    ("mesh: old partials of a run", "hops.c", "old * links_of_run(g, &first)", "old * links_of_run(g, &g->shape)"),
    ("mesh: links in and out", "hops.c", "out->words[outward][tree->port] += words;", "out->words[0][tree->port] += words;"),
    ("mesh: hops of rows read twice", "mesh.c", "return c->twice ? 2 * trips.hops : trips.hops;", "return trips.hops;"),
    ("mesh: links of rows read twice", "mesh.c", "* (c[k].twice ? 2 : 1);", ";"),
    ("mesh: first words cross links", "mesh.c", "which == (c[k].role == HD_O ? PART_FIRST : PART_LAST) ||", ""),
    ("mesh: links are ports", "cycles.c",
     "t->run = hd_count_max(t->run, hd_native_link_cycles(n, c, level, PART_ALL));", ""),
    ("mesh: links of the first step", "cycles.c", "hd_count_max(t->fill, hd_native_link_cycles(n, c, level, PART_FIRST))", "t->fill"),
    ("mesh: links of the last step", "cycles.c", "hd_count_max(t->drain, hd_native_link_cycles(n, c, level, PART_LAST))", "t->drain"),
    ("mesh: routes in", "cycles.c", " + hd_native_route(n, c, level, false)", ""),
    ("mesh: routes out", "cycles.c", " + hd_native_route(n, c, level, true)", ""),
    ("mesh: which partials a node loads", "instance.c",
     "((c->link[k - 1].pool ? arrivals / c->link[k - 1].members : arrivals) - loads[k - 1])", "arrivals"),
    # sharing
    ("sharing: units that are apart", "share.c", "!wired || !hd_native_together(p, s, k->dim, level)", "!wired"),
    ("sharing: wires", "share.c", "if (!wired || !hd_native_together", "if (!hd_native_together"),
    ("sharing: full copies of a ready problem if they fit", "room.c",
     "if (full[r] > room->most[r] || pool - words[r] + full[r] > room->capacity) continue;", "continue;"),
    ("sharing: full copies if they fit", "share.c", "if (members[r] == 1 || !fits) continue;", "continue;"),
    ("sharing: parts are rounded up", "share.c", "elements = hd_count_ceil_div(elements, members);", "elements /= members;"),
    ("sharing: members read once", "traffic.c", "v->pool = l[-1].pool;", ""),
    ("sharing: fills, drains and first touches of one holder", "traffic.c", "l->held = l->pool ? apart.words / l->members : apart.words;",
     "l->held = apart.words;"),
    ("sharing: copies that merge", "traffic.c", "own ? merged->merge : merged->merge | merged->pool", "merged->merge"),
    ("sharing: merged states", "piece.c", "(d->stack & (v->merge | v->pool)) ? RESTARTED", "(d->stack & v->merge) ? RESTARTED"),
    ("sharing: words dealt in turn", "hops.c", "(words - h - 1) / members + 1", "words / members"),
    ("sharing: old partials come and go", "hops.c", "2 * from_old +", "from_old +"),
    ("sharing: routes of members", "hops.c", "h % g->member[i].count * g->member[i].weight", "g->member[i].weight"),
    ("sharing: trips of uses", "hops.c", "return hops + used * hd_tree_inside(&g.shape);", "return hops;"),
    ("sharing: trips of loads", "hops.c", "moved->updates + c->link[i + 1].loads", "moved->updates"),
]


class Broken(Exception):
    """The run says nothing about the oracle: stale table, failing compiler, failing baseline."""


def compile_c(source, target, folder, flags=()):
    done = subprocess.run(["gcc", *flags, *FLAGS, "-c", source, "-o", target], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"{source} does not compile:\n{done.stderr}")


def link(objects, target, folder):
    done = subprocess.run(["gcc", *objects, "-lm", "-lpthread", "-o", target], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"{target} does not link:\n{done.stderr}")


def run_oracle(program, folder, cases):
    """(exit code, what was said) - None for a run that did not end."""
    try:
        done = subprocess.run([os.path.join(folder, program), "--cases", str(cases)], cwd=folder, timeout=TIMEOUT,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    except subprocess.TimeoutExpired:
        return None, "did not end"
    return done.returncode, done.stdout


def judge(code, said):
    """(caught, how).  Only a difference in counts or a failed assertion counts, not a lack of coverage."""
    where = re.search(r"^case (\d+) of seed", said, re.M)
    if code == 1 and re.search(r"^\d+ of \d+ cases equal$", said, re.M):
        return True, f"differs at case {where.group(1)}" if where else "a stand-in differs"
    if code is not None and code < 0 and "Assertion" in said:
        return True, "assertion fails"
    return False, "did not end" if code is None else f"exit {code}"


def mutated(folder, mutant):
    name, file, *pairs = mutant
    with open(os.path.join(folder, NATIVE, file), encoding="utf-8") as source:
        text = source.read()
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        if text.count(old) != 1:
            raise Broken(f"stale: '{name}': {text.count(old)} times in {file}: {old}")
        text = text.replace(old, new)
    return text


def try_mutant(number, mutant, text, objects, folder, cases):
    stem = f"mutant_{number}"
    original = os.path.join(NATIVE, HEADERS_OF.get(mutant[1], "even.c") if mutant[1].endswith(".h") else mutant[1])
    if mutant[1].endswith(".h"):  # found before the unchanged one
        source, flags, changed = original, [f"-I{stem}_src"], os.path.join(f"{stem}_src/cost/native", mutant[1])
        os.makedirs(os.path.join(folder, f"{stem}_src/cost/native"))
    else:  # written after the unchanged sources were listed
        source = changed = os.path.join(NATIVE, f"{stem}.c")
        flags = []
    with open(os.path.join(folder, changed), "w", encoding="utf-8") as file:
        file.write(text)
    compile_c(source, f"{stem}.o", folder, flags)
    link([f"{stem}.o"] + [o for s, o in objects.items() if s != original], stem, folder)
    return judge(*run_oracle(stem, folder, cases))


def build_unchanged(folder, pool):
    objects = {}
    for part in PARTS:
        for top, _, files in os.walk(os.path.join(folder, part)):
            for file in sorted(f for f in files if f.endswith(".c")):
                source = os.path.relpath(os.path.join(top, file), folder)
                objects[source] = source.replace("/", "_")[:-2] + ".o"
    list(pool.map(lambda s: compile_c(s, objects[s], folder), objects))
    link(list(objects.values()), "unchanged", folder)
    return objects


def run_all(options, root, folder):
    for part in ("src", "include", "tests/oracle"):
        shutil.copytree(os.path.join(root, part), os.path.join(folder, part))
    texts = [mutated(folder, m) for m in MUTANTS]
    chosen = [i for i, m in enumerate(MUTANTS) if options.only in m[0]]
    survivors = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        objects = build_unchanged(folder, pool)
        base = pool.submit(run_oracle, "unchanged", folder, options.cases)
        runs = [pool.submit(try_mutant, i, MUTANTS[i], texts[i], objects, folder, options.cases) for i in chosen]
        try:
            code, said = base.result()
            if code != 0:
                raise Broken(f"the unchanged tree fails (exit {code}):\n{said}")
            for i, run in zip(chosen, runs):
                caught, how = run.result()
                name, file = MUTANTS[i][:2]
                print(f"{name:40} {file:10} {'caught' if caught else 'SURVIVES':9} {how}", flush=True)
                if not caught:
                    survivors.append(name)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return len(chosen), survivors


def main():
    parser = argparse.ArgumentParser(description="mutants of the closed form against the oracle")
    parser.add_argument("--cases", type=int, default=16000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="mutants whose name has this in it")
    options = parser.parse_args()
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    begin = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="mutate_cost_") as folder:
            tried, survivors = run_all(options, root, folder)
    except Broken as broken:
        print(broken, file=sys.stderr)
        return 2
    print(f"{tried - len(survivors)} of {tried} mutants caught in {time.monotonic() - begin:.0f} s")
    return 1 if survivors or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
