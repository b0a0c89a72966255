/* SPDX-License-Identifier: MIT */
#include "poller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_FIRST_SIZE 65536

/* One POST of a message to the webhook. */
struct post {
    struct transfer transfer; /* first: what curl hands back */
    struct poller *poller;
    CURL *easy;
};

struct poller {
    struct transfer transfer; /* first */
    struct bench *bench;
    CURL *easy; /* for SQS */
    struct curl_slist *receive_headers, *delete_headers, *post_headers;
    char *answer;
    size_t answer_size, answer_allocated;
    char *request; /* of the delete */
    struct scan_message messages[SCAN_MESSAGES];
    size_t message_count;
    struct post posts[SCAN_MESSAGES];
    unsigned posts_open;
};

static void receive(struct poller *poller);

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench-bare: %s: %s\n", what, why);
    exit(1);
}

static void check(CURL *easy, CURLcode result, const char *what, const char *answer)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK)
        die(what, curl_easy_strerror(result));
    if (status < 200 || status > 299)
        die(what, answer);
}

static size_t on_answer(char *bytes, size_t unit, size_t count, void *userdata)
{
    struct poller *poller = userdata;
    size_t size = unit * count;
    while (poller->answer_size + size + 1 > poller->answer_allocated) {
        poller->answer_allocated *= 2;
        poller->answer = realloc(poller->answer, poller->answer_allocated);
        if (!poller->answer)
            abort();
    }
    memcpy(poller->answer + poller->answer_size, bytes, size);
    poller->answer_size += size;
    poller->answer[poller->answer_size] = '\0';
    return size;
}

static size_t on_ignored(char *bytes, size_t unit, size_t count, void *userdata)
{
    (void)bytes;
    (void)userdata;
    return unit * count;
}

static void call_sqs(struct poller *poller, struct curl_slist *headers, const char *request,
                     void (*done)(struct transfer *, CURLcode))
{
    poller->transfer.done = done;
    poller->answer_size = 0;
    poller->answer[0] = '\0';
    curl_easy_setopt(poller->easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(poller->easy, CURLOPT_POSTFIELDS, request);
    curl_easy_setopt(poller->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(request));
    poller->bench->sqs_calls++;
    curl_multi_add_handle(poller->bench->loop.multi, poller->easy);
}

static void on_deleted(struct transfer *transfer, CURLcode result)
{
    struct poller *poller = (struct poller *)transfer;
    check(poller->easy, result, "DeleteMessageBatch", poller->answer);
    poller->bench->working--;
    receive(poller);
}

static void delete_messages(struct poller *poller)
{
    size_t size = 256;
    for (size_t i = 0; i < poller->message_count; i++)
        size += poller->messages[i].handle_size + 64;
    poller->request = realloc(poller->request, size);
    if (!poller->request)
        abort();
    char *out = poller->request;
    out += sprintf(out, "{\"QueueUrl\":\"%.128s\",\"Entries\":[", poller->bench->queue_url);
    for (size_t i = 0; i < poller->message_count; i++)
        out += sprintf(out, "%s{\"Id\":\"%zu\",\"ReceiptHandle\":\"%.*s\"}", i ? "," : "", i,
                       (int)poller->messages[i].handle_size, poller->messages[i].handle);
    strcpy(out, "]}");
    call_sqs(poller, poller->delete_headers, poller->request, on_deleted);
}

static void on_posted(struct transfer *transfer, CURLcode result)
{
    struct post *post = (struct post *)transfer;
    check(post->easy, result, "webhook", "refused");
    if (--post->poller->posts_open == 0)
        delete_messages(post->poller);
}

static void post_message(struct poller *poller, struct post *post,
                         const struct scan_message *message)
{
    curl_easy_setopt(post->easy, CURLOPT_POSTFIELDS, message->body);
    curl_easy_setopt(post->easy, CURLOPT_POSTFIELDSIZE, (long)message->body_size);
    poller->posts_open++;
    poller->bench->posts++;
    curl_multi_add_handle(poller->bench->loop.multi, post->easy);
}

/* One transaction for the whole answer; `fresh` tells which messages are new. */
static void remember(struct poller *poller, bool fresh[SCAN_MESSAGES])
{
    struct bench *bench = poller->bench;
    seen_begin(&bench->seen);
    for (size_t i = 0; i < poller->message_count; i++) {
        size_t size;
        const char *id = scan_id(poller->messages[i].body, &size);
        if (!id)
            die("message", "no notification id");
        fresh[i] = seen_add(&bench->seen, id, size);
        if (fresh[i])
            bench->unique++;
        else
            bench->copies++;
    }
    seen_commit(&bench->seen);
}

static void on_received(struct transfer *transfer, CURLcode result)
{
    struct poller *poller = (struct poller *)transfer;
    bool fresh[SCAN_MESSAGES];
    check(poller->easy, result, "ReceiveMessage", poller->answer);
    poller->message_count = scan_messages(poller->answer, poller->messages);
    if (poller->message_count == 0) {
        receive(poller);
        return;
    }
    poller->bench->working++;
    remember(poller, fresh);
    for (size_t i = 0; i < poller->message_count; i++)
        if (fresh[i])
            post_message(poller, &poller->posts[i], &poller->messages[i]);
    if (poller->posts_open == 0)
        delete_messages(poller);
}

static void receive(struct poller *poller)
{
    struct bench *bench = poller->bench;
    if (bench->unique >= bench->wanted) {
        /* Who is left then sits in a long poll of an empty queue. */
        bench->loop.stopped = bench->working == 0;
        return;
    }
    static char request[512];
    snprintf(request, sizeof request,
             "{\"QueueUrl\":\"%.128s\",\"MaxNumberOfMessages\":10,\"WaitTimeSeconds\":20,"
             "\"VisibilityTimeout\":60}",
             bench->queue_url);
    call_sqs(poller, poller->receive_headers, request, on_received);
}

static struct curl_slist *sqs_headers(const char *action)
{
    char target[64];
    snprintf(target, sizeof target, "X-Amz-Target: AmazonSQS.%s", action);
    struct curl_slist *headers =
        curl_slist_append(NULL, "Content-Type: application/x-amz-json-1.0");
    return curl_slist_append(headers, target);
}

static void prepare_sqs(struct poller *poller)
{
    const struct bench *bench = poller->bench;
    char scope[64];
    snprintf(scope, sizeof scope, "aws:amz:%s:sqs", bench->region);
    poller->receive_headers = sqs_headers("ReceiveMessage");
    poller->delete_headers = sqs_headers("DeleteMessageBatch");
    poller->answer_allocated = ANSWER_FIRST_SIZE;
    poller->answer = malloc(poller->answer_allocated);
    poller->easy = curl_easy_init();
    if (!poller->easy || !poller->answer)
        abort();
    curl_easy_setopt(poller->easy, CURLOPT_URL, bench->endpoint);
    curl_easy_setopt(poller->easy, CURLOPT_AWS_SIGV4, scope);
    curl_easy_setopt(poller->easy, CURLOPT_USERPWD, bench->credentials);
    curl_easy_setopt(poller->easy, CURLOPT_WRITEFUNCTION, on_answer);
    curl_easy_setopt(poller->easy, CURLOPT_WRITEDATA, poller);
    curl_easy_setopt(poller->easy, CURLOPT_PRIVATE, &poller->transfer);
}

static void prepare_posts(struct poller *poller)
{
    poller->post_headers = curl_slist_append(NULL, "Content-Type: application/json");
    for (size_t i = 0; i < SCAN_MESSAGES; i++) {
        struct post *post = &poller->posts[i];
        post->poller = poller;
        post->transfer.done = on_posted;
        post->easy = curl_easy_init();
        if (!post->easy)
            abort();
        curl_easy_setopt(post->easy, CURLOPT_URL, poller->bench->webhook);
        curl_easy_setopt(post->easy, CURLOPT_HTTPHEADER, poller->post_headers);
        curl_easy_setopt(post->easy, CURLOPT_WRITEFUNCTION, on_ignored);
        curl_easy_setopt(post->easy, CURLOPT_PRIVATE, &post->transfer);
    }
}

void poller_start(struct bench *bench)
{
    struct poller *poller = calloc(1, sizeof *poller);
    if (!poller)
        abort();
    poller->bench = bench;
    prepare_sqs(poller);
    prepare_posts(poller);
    receive(poller);
}
