/* What searches between layers share: problems are asked for and searched together, time is watched, an answer becomes a plan. */
#ifndef HD_NETWORK_QUEST_H
#define HD_NETWORK_QUEST_H

#include "network/memo.h"
#include "network/sum.h"

typedef struct hd_quest {
    const hd_plan_options *options;
    hd_arena *arena;
    hd_budget clock;
    hd_memo memo;
    int wanted, room;
    hd_solved **want;
    int64_t searches;            /* problems searched, each as often as it was */
} hd_quest;

/* Time runs; all in the arena, which the plan made in the end owns. */
void hd_quest_start(hd_quest *quest, const hd_plan_options *options, hd_arena *arena);
bool hd_quest_out(const hd_quest *quest);
/* Is so much of a limit of time over, or the search cancelled? */
bool hd_quest_past(const hd_quest *quest, double share);
/* Search every layer alone, all at home outside: what a plan of nothing else finds is known from then on.  With a limit of time,
 * in that share of what is left of it.  HD_ERR_MEMORY, and what the solver fails with. */
hd_status hd_quest_alone(hd_quest *quest, const hd_network *net, const hd_arch *arch, double share, hd_error *err);
/* Ask for a problem, once, unless it was searched so thoroughly before.  HD_ERR_MEMORY. */
hd_status hd_quest_want(hd_quest *quest, hd_solved *problem, hd_effort effort, hd_error *err);
/* Search what was asked for. */
hd_status hd_quest_search(hd_quest *quest, hd_effort effort, hd_error *err);
int hd_quest_done(const hd_quest *quest);
/* The plan that `placed` (the options with homes, chips and limits) stands for, of problems that were all searched. */
hd_status hd_quest_plan(const hd_quest *quest, const hd_network *net, const hd_arch *arch, const hd_plan_options *placed,
                        hd_plan **out, hd_error *err);
/* What the search took, and what the network costs where nothing stays on chip. */
void hd_quest_report(const hd_quest *quest, hd_sum apart, hd_plan *plan);

#endif
