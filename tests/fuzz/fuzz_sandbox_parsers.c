/* SPDX-License-Identifier: MIT */
/* The sandbox's own readers: forms, canonical requests, signatures. A form that is read can be
 * written and read again; a request passes as signed only with its key's signature. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/sigv4.h"
#include "base/memory.h"
#include "base/text.h"
#include "canonical.h"
#include "fake_clock.h"
#include "form.h"
#include "must.h"
#include "sigcheck.h"

#define FIELDS_MAX 12

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- forms ---- */

static void check_form(const char *bytes, size_t size)
{
    struct form form, again;
    AUTOTEXT struct text out = {0};
    if (form_parse(&form, bytes, size) < 0)
        return;
    must(form.count <= FORM_FIELDS_MAX);
    for (size_t i = 0; i < form.count; i++) {
        must(text_equal(form_get(&form, form.names[i]), form.values[i]));
        text_append_percent(&out, form.names[i], strlen(form.names[i]));
        text_append_char(&out, '=');
        text_append_percent(&out, form.values[i], strlen(form.values[i]));
        text_append_char(&out, '&');
    }
    must(form_parse(&again, out.data ? out.data : "", out.size) == 0 && again.count == form.count);
    for (size_t i = 0; i < form.count; i++)
        must(text_equal(form_get(&again, form.names[i]), form.values[i]));
    form_clear(&again);
    form_clear(&form);
}

/* ---- requests ---- */

/* Lines of "name: value", ended where another line feed follows; the rest is the body. */
struct request {
    char *text, *method, *target;
    char *names[FIELDS_MAX], *values[FIELDS_MAX];
    size_t fields;
    const char *body;
    size_t body_size;
};

static const char *find_header(void *userdata, const char *name)
{
    const struct request *request = userdata;
    for (size_t i = 0; i < request->fields; i++)
        if (strcasecmp(request->names[i], name) == 0)
            return request->values[i];
    return NULL;
}

static bool read_request(struct request *ret, const char *bytes, size_t size)
{
    *ret = (struct request){.text = memory_copy(bytes, size)};
    char *rest = ret->text;
    ret->method = strsep(&rest, " ");
    ret->target = strsep(&rest, "\n");
    while (rest && *rest && *rest != '\n' && ret->fields < FIELDS_MAX) {
        char *line = strsep(&rest, "\n");
        ret->names[ret->fields] = strsep(&line, ":");
        ret->values[ret->fields] = line ? line + strspn(line, " ") : NULL;
        ret->fields += line != NULL;
    }
    ret->body = rest ? rest + (*rest == '\n') : "";
    ret->body_size = rest ? size - (size_t)(ret->body - ret->text) : 0;
    return ret->target != NULL;
}

static const struct sigcheck_key keys[] = {
    {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", NULL, false},
    {"ASIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "token", true},
};

static enum sigcheck_result verify(const struct request *request)
{
    struct sigcheck check = {.keys = keys, .key_count = 2, .region = "us-east-1", .service = "sqs"};
    struct sigcheck_request asked = {request->method, request->target, find_header,
                                     (void *)request, request->body,   request->body_size};
    AUTOTEXT struct text why = {0};
    enum sigcheck_result r = sigcheck_verify(&check, &asked, fake_now_usec, &why);
    must((r == SIGCHECK_OK) == (why.size == 0));
    sigcheck_clear(&check);
    return r;
}

static void check_canonical(const struct request *request)
{
    const char *names = find_header((void *)request, "x-signed");
    struct canonical_request canonical = {request->method,   request->target,        find_header,
                                          (void *)request,   names ? names : "host", request->body,
                                          request->body_size};
    AUTOTEXT struct text out = {0};
    if (canonical_write(&out, &canonical) == 0)
        must(text_starts(out.data, request->method));
}

/* Signs the request as it is, so that what follows the signature is read too, and proves that each
 * changed byte of the body ends that. */
static void check_signed(struct request *request)
{
    struct aws_credentials credentials = {
        .access_key_id = (char *)keys[0].id,
        .secret_access_key = {(char *)keys[0].secret, strlen(keys[0].secret)}};
    struct sigv4 *signer = sigv4_new("us-east-1", "sqs");
    struct sigv4_post post = {"localhost", "application/x-amz-json-1.0", "AmazonSQS.X",
                              request->body, request->body_size};
    struct sigv4_lines lines;
    sigv4_sign_post(&lines, signer, &credentials, &post, fake_now_usec);
    AUTOTEXT struct text text = {0};
    text_append_string(&text, "POST /\nHost: localhost\n");
    for (size_t i = 0; lines.lines[i]; i++)
        text_appendf(&text, "%s\n", lines.lines[i]);
    text_append_char(&text, '\n');
    text_append(&text, request->body, request->body_size);
    struct request good;
    must(read_request(&good, text.data, text.size) && verify(&good) == SIGCHECK_OK);
    if (good.body_size) {
        good.text[text.size - 1] ^= 1;
        must(verify(&good) == SIGCHECK_MISMATCH);
    }
    free(good.text);
    sigv4_lines_clear(&lines);
    sigv4_free(signer);
}

/* Input: what is read (a byte), the form or the request. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request;
    if (size == 0)
        return 0;
    if (data[0] % 2) {
        AUTOFREE char *bytes = memory_copy(data + 1, size - 1);
        check_form(bytes, size - 1);
        return 0;
    }
    if (read_request(&request, (const char *)data + 1, size - 1)) {
        must(verify(&request) != SIGCHECK_OK); /* nobody guesses it */
        check_canonical(&request);
        check_signed(&request);
    }
    free(request.text);
    return 0;
}
