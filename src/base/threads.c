/* How does work spread over threads without changing answers?  An atomic counter hands out indices in
 * ascending order; items write only their own slots; the lowest failing index gives the error (all lower
 * ones were handed out before it, so it is always reached).                                         */
#include "base/threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

typedef struct job {
    hd_work work;
    void *user;
    int64_t count;
    _Atomic int64_t next;
    atomic_bool failed;
    pthread_mutex_t lock; /* guards the three below */
    int64_t failed_index;
    hd_status status;
    hd_error error;
} job;

typedef struct worker {
    job *job;
    int index;
    pthread_t thread;
} worker;

static void note_failure(job *j, int64_t index, hd_status status, const hd_error *error) {
    pthread_mutex_lock(&j->lock);
    if (j->status == HD_OK || index < j->failed_index) {
        j->failed_index = index;
        j->status = status;
        j->error = *error;
    }
    pthread_mutex_unlock(&j->lock);
    atomic_store(&j->failed, true);
}

static void *run(void *argument) {
    worker *w = argument;
    job *j = w->job;
    while (!atomic_load(&j->failed)) {
        int64_t index = atomic_fetch_add(&j->next, 1);
        if (index >= j->count) break;
        hd_error error = {0};
        hd_status status = j->work(j->user, index, w->index, &error);
        if (status != HD_OK) note_failure(j, index, status, &error);
    }
    return NULL;
}

hd_status hd_parallel_for(int threads, int64_t count, hd_work work, void *user, hd_error *err) {
    job j = {.work = work, .user = user, .count = count, .status = HD_OK};
    worker workers[HD_MAX_THREADS];
    if (threads > HD_MAX_THREADS) threads = HD_MAX_THREADS;
    if (threads > count) threads = (int)count;
    if (pthread_mutex_init(&j.lock, NULL) != 0) return hd_fail_memory(err);
    int started = 1;
    for (; started < threads; started++) {
        workers[started] = (worker){.job = &j, .index = started};
        if (pthread_create(&workers[started].thread, NULL, run, &workers[started]) != 0) break;
    }
    workers[0] = (worker){.job = &j, .index = 0};
    run(&workers[0]);
    for (int i = 1; i < started; i++) pthread_join(workers[i].thread, NULL);
    pthread_mutex_destroy(&j.lock);
    if (j.status != HD_OK && err) *err = j.error;
    return j.status;
}

int hd_threads_available(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > HD_MAX_THREADS ? HD_MAX_THREADS : (int)n;
}
