/* Memory that was asked for, counted by the sanitizer's own hooks. */
#ifndef HD_TESTS_COST_REQUESTS_H
#define HD_TESTS_COST_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>

extern int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                                     void (*on_free)(const volatile void *)) __attribute__((weak));

static int requests;

static void on_malloc(const volatile void *p, size_t n)
{
    (void)p;
    (void)n;
    requests++;
}

static void on_free(const volatile void *p) { (void)p; }

/* False without a sanitizer: then nothing is counted. */
static bool count_requests(void)
{
    return __sanitizer_install_malloc_and_free_hooks && __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) > 0;
}

#endif
