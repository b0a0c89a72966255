/* SPDX-License-Identifier: MIT */
#include "register/secret_keeper.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/durable.h"
#include "base/memory.h"
#include "base/text.h"
#include "spapi/lwa.h"

/* If the message is for another application, or none is configured, nothing will change soon. */
#define HIDE_FOREIGN_S SECRET_KEEPER_AGAIN_MAX_S
/* If our own disk fails, the message may come back soon. */
#define HIDE_UNWRITTEN_S 60U

struct secret_keeper {
    struct secret_keeper_options options;
    struct new_client_secret offered;
    struct lwa *lwa; /* for the proof; ended before the next one, never from inside its callback */
    bool proving;
    unsigned refusals;          /* proofs that failed in a row */
    uint64_t refused_boot_usec; /* the time of the last of them */
    char *refused_why;
    secret_keeper_fn done;
    void *userdata;
};

static void finish(struct secret_keeper *k, const struct secret_outcome *outcome)
{
    k->proving = false;
    new_client_secret_clear(&k->offered);
    k->done(outcome, k->userdata);
}

static void leave(struct secret_keeper *k, unsigned hide_s, const char *why)
{
    finish(k, &(struct secret_outcome){.hide_s = hide_s, .why = why});
}

/* ---- writing ---- */

static bool is_ours(const struct secret_keeper *k, const struct secret_file *file)
{
    return text_equal(file->client_id, k->options.client_id);
}

static bool same(const struct secret *a, const struct secret *b)
{
    return a->size == b->size && a->data && b->data && memcmp(a->data, b->data, a->size) == 0;
}

/* Compose the file's content: the offered secret, and the replaced one while it may still be of
 * use. */
static void compose(struct secret_keeper *k, struct secret_file *file)
{
    const struct new_client_secret *n = &k->offered;
    struct secret old = {0};
    const struct secret *replaced = file->secret.data ? &file->secret : k->options.replaced;
    uint64_t now = clock_trusted_usec();
    if (replaced->data && n->old_expires_usec > now && !same(replaced, &n->secret))
        secret_set(&old, replaced->data, replaced->size);
    secret_file_clear(file);
    file->client_id = memory_string(n->client_id);
    secret_set(&file->secret, n->secret.data, n->secret.size);
    file->issued_usec = n->issued_usec;
    file->expires_usec = n->expires_usec;
    file->received_usec = now;
    file->old = old;
    file->old_expires_usec = old.data ? n->old_expires_usec : 0;
}

static void write_file(struct secret_keeper *k, const struct secret_file *file)
{
    int r = secret_file_write(file, k->options.directory, k->options.replaced);
    if (r == 0) {
        finish(k, &(struct secret_outcome){.kept = true});
        return;
    }
    AUTOFREE char *why = memory_format("the file " SECRET_FILE_NAME " in %s cannot be written: %s",
                                       k->options.directory, strerror(-r));
    leave(k, HIDE_UNWRITTEN_S, why);
}

static void keep(struct secret_keeper *k)
{
    struct secret_file file;
    struct error error;
    int r = secret_file_read(&file, k->options.directory, k->options.replaced, &error);
    if (r < 0 || r == SECRET_FILE_LOCKED || (r == 0 && !is_ours(k, &file)))
        secret_file_clear(&file); /* of no use to anybody: it is replaced */
    compose(k, &file);
    write_file(k, &file);
    secret_file_clear(&file);
}

/* ---- the proof ---- */

static unsigned again_s(struct secret_keeper *k)
{
    unsigned shift = k->refusals < 7 ? k->refusals : 7;
    unsigned seconds = SECRET_KEEPER_AGAIN_S << shift;
    k->refusals++;
    return seconds < SECRET_KEEPER_AGAIN_MAX_S ? seconds : SECRET_KEEPER_AGAIN_MAX_S;
}

static void on_token(const char *token, const struct error *error, void *userdata)
{
    struct secret_keeper *k = userdata;
    (void)token;
    if (error->kind == ERROR_NONE) {
        k->refusals = 0;
        keep(k);
        return;
    }
    k->refused_boot_usec = clock_boot_usec();
    free(k->refused_why);
    k->refused_why = memory_format("it could not be proved that it works: %s", error->text);
    leave(k, again_s(k), k->refused_why);
}

static int prove(struct secret_keeper *k)
{
    lwa_free(TAKE(k->lwa));
    int r = lwa_new(&k->lwa, &(struct lwa_options){
                                 .event = k->options.event,
                                 .http = k->options.http,
                                 .endpoint = k->options.lwa_endpoint,
                                 .client_id = k->options.client_id,
                                 .client_secret = &k->offered.secret,
                             });
    return r ? r : lwa_grantless(k->lwa, on_token, k, NULL);
}

/* ---- secrets that are already there ---- */

/* Handle a copy of a message that came before. If the file's secret is newer it stays. If it is the
 * same it is written once more, as it may be in the kernel's memory only. Return whether it was a
 * copy. */
static bool is_known(struct secret_keeper *k)
{
    struct secret_file file;
    struct error error;
    int r = secret_file_read(&file, k->options.directory, k->options.replaced, &error);
    bool ours = r == 0 && is_ours(k, &file);
    bool equal = ours && same(&file.secret, &k->offered.secret);
    bool known = equal || (ours && file.issued_usec >= k->offered.issued_usec);
    if (equal)
        write_file(k, &file);
    else if (known)
        finish(k, &(struct secret_outcome){.kept = false});
    secret_file_clear(&file);
    return known;
}

/* Return the seconds until another secret may be tried. Refused secrets are hidden for longer, so
 * that a good one among many bad ones gets its turn. */
static unsigned pause_s(const struct secret_keeper *k)
{
    uint64_t due = k->refused_boot_usec + k->options.pause_usec, now = clock_boot_usec();
    bool rests = k->refusals && now < due;
    return rests ? (unsigned)((due - now + USEC_PER_SEC - 1) / USEC_PER_SEC) : 0;
}

int secret_keeper_offer(struct secret_keeper *k, struct new_client_secret *offered,
                        secret_keeper_fn done, void *userdata)
{
    if (k->proving) {
        new_client_secret_clear(offered);
        return -EBUSY;
    }
    k->proving = true;
    k->offered = *offered;
    offered->secret = (struct secret){0};
    k->done = done;
    k->userdata = userdata;
    if (!k->options.client_id) {
        leave(k, HIDE_FOREIGN_S, "client_id and client_secret are not configured in [application]");
    } else if (!text_equal(k->offered.client_id, k->options.client_id)) {
        AUTOFREE char *why =
            memory_format("it is of another application, %s", k->offered.client_id);
        leave(k, HIDE_FOREIGN_S, why);
    } else if (!is_known(k)) {
        unsigned seconds = pause_s(k);
        if (seconds) /* the same words, so that they are reported once */
            leave(k, seconds, k->refused_why);
        else if (prove(k) < 0)
            leave(k, again_s(k), "Login with Amazon could not be asked");
    }
    return 0;
}

/* ---- life ---- */

int secret_keeper_new(struct secret_keeper **ret, const struct secret_keeper_options *options)
{
    struct secret_keeper *k = NEW(struct secret_keeper);
    k->options = *options;
    durable_clean(options->directory, SECRET_FILE_NAME);
    *ret = k;
    return 0;
}

void secret_keeper_free(struct secret_keeper *k)
{
    if (!k)
        return;
    lwa_free(k->lwa);
    free(k->refused_why);
    new_client_secret_clear(&k->offered);
    free(k);
}
