/* SPDX-License-Identifier: MIT */
#include "aws/queue_policy.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

#define ROOT "arn:aws:iam::" QUEUE_POLICY_PUBLISHER ":root"

/* The question to a policy: may SP-API do the action on the queue? */
struct question {
    const char *action, *arn;
};

static char folded(char c, bool fold)
{
    return fold ? (char)tolower((unsigned char)c) : c;
}

/* Match IAM's wildcards: * for any characters, ? for one. It goes back to the last * only, so the
 * time is at most the product of the sizes. */
static bool matches(const char *pattern, const char *text, bool fold)
{
    const char *star = NULL, *from = text;
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            from = text;
        } else if (*pattern == '?' || (*pattern && folded(*pattern, fold) == folded(*text, fold))) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++from;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

typedef bool (*match_fn)(const char *value, const struct question *question);

/* Whether a string of the element matches. An element is a string or a list of strings. */
static bool any(const cJSON *element, match_fn match, const struct question *question)
{
    const cJSON *item;
    if (!element)
        return false;
    if (cJSON_IsString(element))
        return match(element->valuestring, question);
    if (cJSON_IsArray(element))
        cJSON_ArrayForEach(item, element) {
            if (cJSON_IsString(item) && match(item->valuestring, question))
                return true;
        }
    return false;
}

static bool is_action(const char *value, const struct question *question)
{
    return matches(value, question->action, true);
}

static bool is_resource(const char *value, const struct question *question)
{
    return matches(value, question->arn, false);
}

static bool is_publisher(const char *value, const struct question *question)
{
    (void)question;
    return strcmp(value, "*") == 0 || strcmp(value, QUEUE_POLICY_PUBLISHER) == 0 ||
           strcmp(value, ROOT) == 0;
}

static bool names_publisher(const cJSON *principal, const struct question *question)
{
    if (cJSON_IsString(principal))
        return strcmp(principal->valuestring, "*") == 0;
    return any(cJSON_GetObjectItemCaseSensitive(principal, "AWS"), is_publisher, question);
}

/* Whether the element, or its negated form, includes the question. The negated form means
 * everything except its list. */
static bool takes_in(const cJSON *statement, const char *name, const char *negated, match_fn match,
                     const struct question *question)
{
    const cJSON *element = cJSON_GetObjectItemCaseSensitive(statement, name);
    const cJSON *others = cJSON_GetObjectItemCaseSensitive(statement, negated);
    return element ? any(element, match, question) : others && !any(others, match, question);
}

static bool is_about_publisher(const cJSON *statement, const struct question *question)
{
    const cJSON *principal = cJSON_GetObjectItemCaseSensitive(statement, "Principal");
    const cJSON *others = cJSON_GetObjectItemCaseSensitive(statement, "NotPrincipal");
    return principal ? names_publisher(principal, question)
                     : others && !names_publisher(others, question);
}

static bool is_about(const cJSON *statement, const struct question *question)
{
    return is_about_publisher(statement, question) &&
           takes_in(statement, "Action", "NotAction", is_action, question) &&
           takes_in(statement, "Resource", "NotResource", is_resource, question);
}

/* ---- conditions ---- */

/* Whether the condition is only about TLS and has this value. SP-API always uses TLS. */
static bool is_about_tls(const cJSON *condition, bool value)
{
    const cJSON *test = cJSON_IsObject(condition) ? condition->child : NULL;
    const cJSON *key = test && cJSON_IsObject(test) ? test->child : NULL;
    if (!key || test->next || key->next || strcmp(test->string, "Bool") != 0 ||
        strcasecmp(key->string, "aws:SecureTransport") != 0)
        return false;
    if (cJSON_IsBool(key))
        return cJSON_IsTrue(key) == value;
    return cJSON_IsString(key) && strcasecmp(key->valuestring, value ? "true" : "false") == 0;
}

enum hold { NEVER, PERHAPS, ALWAYS };

/* Whether a statement with this condition applies to SP-API's calls. */
static enum hold holds(const cJSON *statement)
{
    const cJSON *condition = cJSON_GetObjectItemCaseSensitive(statement, "Condition");
    if (!condition || cJSON_IsNull(condition) || (cJSON_IsObject(condition) && !condition->child))
        return ALWAYS;
    if (is_about_tls(condition, true))
        return ALWAYS;
    return is_about_tls(condition, false) ? NEVER : PERHAPS;
}

/* ---- the judgement ---- */

/* The result of all statements. */
struct tally {
    char allow[64], maybe[64], deny[64], perhaps_deny[64]; /* names of statements; "": none */
    bool service; /* an Allow of the action names a service instead of the account */
};

static void name_statement(char out[64], const cJSON *statement, unsigned number)
{
    AUTOTEXT struct text name = {0};
    const char *sid = json_get_string(statement, "Sid");
    if (out[0])
        return;
    if (sid && sid[0])
        text_append_escaped(&name, sid, strlen(sid), 40);
    else
        text_appendf(&name, "number %u", number);
    text_copy(out, 64, name.data);
}

static void take_statement(struct tally *tally, const cJSON *statement, unsigned number,
                           const struct question *question)
{
    const char *effect = json_get_string(statement, "Effect");
    bool allow = text_equal(effect, "Allow"), deny = text_equal(effect, "Deny");
    if (!is_about(statement, question)) {
        const cJSON *principal = json_get_object(statement, "Principal");
        tally->service =
            tally->service || (allow && cJSON_GetObjectItemCaseSensitive(principal, "Service") &&
                               takes_in(statement, "Action", "NotAction", is_action, question));
        return;
    }
    enum hold hold = holds(statement);
    if (allow && hold != NEVER)
        name_statement(hold == ALWAYS ? tally->allow : tally->maybe, statement, number);
    if (deny && hold != NEVER)
        name_statement(hold == ALWAYS ? tally->deny : tally->perhaps_deny, statement, number);
}

__attribute__((format(printf, 2, 3))) static struct queue_policy_judgement
judged(enum queue_policy_verdict verdict, const char *format, ...)
{
    struct queue_policy_judgement judgement = {.verdict = verdict};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(judgement.text, sizeof(judgement.text), format, arguments);
    va_end(arguments);
    return judgement;
}

static struct queue_policy_judgement conclude(const struct tally *tally)
{
    if (tally->deny[0])
        return judged(QUEUE_POLICY_DENIES, "statement %s denies it", tally->deny);
    if (!tally->allow[0] && !tally->maybe[0])
        return judged(QUEUE_POLICY_SILENT, "no statement allows it%s",
                      tally->service ? "; one names a service, but SP-API publishes as an account"
                                     : "");
    if (tally->perhaps_deny[0])
        return judged(QUEUE_POLICY_DEPENDS, "statement %s denies it under a condition",
                      tally->perhaps_deny);
    if (!tally->allow[0])
        return judged(QUEUE_POLICY_DEPENDS, "statement %s allows it only under a condition",
                      tally->maybe);
    return judged(QUEUE_POLICY_ALLOWS, "statement %s allows it", tally->allow);
}

struct queue_policy_judgement queue_policy_judge(const char *policy, const char *action,
                                                 const char *arn)
{
    const struct question question = {action, arn};
    struct tally tally = {0};
    if (!policy || !policy[0])
        return judged(QUEUE_POLICY_SILENT, "%s", "the queue has no access policy");
    AUTOJSON cJSON *json = json_parse(policy, strlen(policy), QUEUE_POLICY_MAX);
    const cJSON *statements = cJSON_GetObjectItemCaseSensitive(json, "Statement"), *statement;
    if (!cJSON_IsObject(statements) && !cJSON_IsArray(statements))
        return judged(QUEUE_POLICY_UNREADABLE, "%s",
                      "the access policy is not one that can be read");
    if (cJSON_IsObject(statements)) {
        take_statement(&tally, statements, 1, &question);
    } else {
        unsigned number = 0;
        cJSON_ArrayForEach(statement, statements)
            take_statement(&tally, statement, ++number, &question);
    }
    return conclude(&tally);
}

/* ---- other senders ---- */

/* Return the account in an ARN, or the account itself. *ret_size is its length. */
static const char *account_of(const char *principal, size_t *ret_size)
{
    const char *at = principal;
    for (unsigned colons = text_starts(principal, "arn:") ? 4 : 0; colons; at++)
        if (!*at)
            break;
        else if (*at == ':')
            colons--;
    *ret_size = strcspn(at, ":");
    return at;
}

static bool is_account(const char *principal, const char *account, size_t size)
{
    size_t own_size;
    const char *own = account_of(principal, &own_size);
    return own_size == size && memcmp(own, account, size) == 0;
}

/* Whether the principal is neither SP-API nor the queue's own account. False for "*", which means
 * everybody. */
static bool is_other(const char *value, const struct question *question)
{
    size_t size;
    const char *owner = account_of(question->arn, &size);
    return strcmp(value, "*") != 0 && !is_account(value, owner, size) &&
           !is_account(value, QUEUE_POLICY_PUBLISHER, strlen(QUEUE_POLICY_PUBLISHER));
}

static bool is_everybody(const char *value, const struct question *question)
{
    (void)question;
    return strcmp(value, "*") == 0;
}

/* Return the senders that an Allow statement lets in, without regard to its condition. */
static enum queue_policy_senders lets_in(const cJSON *statement, const struct question *question)
{
    const cJSON *principal = cJSON_GetObjectItemCaseSensitive(statement, "Principal");
    const cJSON *aws = cJSON_GetObjectItemCaseSensitive(principal, "AWS");
    if (cJSON_GetObjectItemCaseSensitive(statement, "NotPrincipal") ||
        any(principal, is_everybody, question) || any(aws, is_everybody, question))
        return QUEUE_POLICY_OPEN;
    bool others = any(aws, is_other, question) ||
                  cJSON_GetObjectItemCaseSensitive(principal, "Service") ||
                  cJSON_GetObjectItemCaseSensitive(principal, "Federated") ||
                  cJSON_GetObjectItemCaseSensitive(principal, "CanonicalUser");
    return others ? QUEUE_POLICY_SHARED : QUEUE_POLICY_CLOSED;
}

/* Whether the statement is a Deny for everybody except SP-API. */
static bool shuts_out(const cJSON *statement, const struct question *question)
{
    const cJSON *others = cJSON_GetObjectItemCaseSensitive(statement, "NotPrincipal");
    const cJSON *aws = cJSON_GetObjectItemCaseSensitive(others, "AWS");
    return any(aws, is_publisher, question) && !any(aws, is_everybody, question) &&
           !any(aws, is_other, question) && holds(statement) == ALWAYS;
}

static void take_sender(struct queue_policy_opening *opening, const cJSON *statement,
                        unsigned number, const struct question *question, bool *shut)
{
    static const char *const who[] = {
        [QUEUE_POLICY_SHARED] = "others than Amazon's account",
        [QUEUE_POLICY_OPEN] = "everybody",
    };
    const char *effect = json_get_string(statement, "Effect");
    char name[64] = "";
    if (!takes_in(statement, "Action", "NotAction", is_action, question) ||
        !takes_in(statement, "Resource", "NotResource", is_resource, question))
        return;
    *shut = *shut || (text_equal(effect, "Deny") && shuts_out(statement, question));
    enum hold hold = holds(statement);
    enum queue_policy_senders senders = lets_in(statement, question);
    if (!text_equal(effect, "Allow") || hold == NEVER || senders <= opening->senders)
        return;
    name_statement(name, statement, number);
    /* If everybody may send under a condition, some others may send. */
    opening->senders = hold == ALWAYS ? senders : QUEUE_POLICY_SHARED;
    snprintf(opening->text, sizeof(opening->text), "%s may send, by statement %s%s", who[senders],
             name, hold == ALWAYS ? "" : " under a condition");
}

struct queue_policy_opening queue_policy_opening(const char *policy, const char *arn)
{
    const struct question question = {QUEUE_POLICY_SEND, arn};
    struct queue_policy_opening opening = {.senders = QUEUE_POLICY_CLOSED};
    bool shut = false;
    unsigned number = 0;
    AUTOJSON cJSON *json = policy ? json_parse(policy, strlen(policy), QUEUE_POLICY_MAX) : NULL;
    const cJSON *statements = cJSON_GetObjectItemCaseSensitive(json, "Statement"), *statement;
    if (cJSON_IsObject(statements))
        take_sender(&opening, statements, 1, &question, &shut);
    else if (cJSON_IsArray(statements))
        cJSON_ArrayForEach(statement, statements)
            take_sender(&opening, statement, ++number, &question, &shut);
    if (shut)
        opening.senders = QUEUE_POLICY_CLOSED;
    if (opening.senders == QUEUE_POLICY_CLOSED)
        snprintf(opening.text, sizeof(opening.text), "only Amazon and the queue's own account");
    return opening;
}

/* ---- policies to paste ---- */

void queue_policy_print(struct text *out, const char *arn)
{
    text_appendf(out,
                 "{\n"
                 "  \"Version\": \"2012-10-17\",\n"
                 "  \"Statement\": [\n"
                 "    {\n"
                 "      \"Sid\": \"SellingPartnerApiPublishes\",\n"
                 "      \"Effect\": \"Allow\",\n"
                 "      \"Principal\": {\"AWS\": \"" ROOT "\"},\n"
                 "      \"Action\": [\"" QUEUE_POLICY_SEND "\", \"" QUEUE_POLICY_LOOK "\"],\n"
                 "      \"Resource\": \"%s\"\n"
                 "    }\n"
                 "  ]\n"
                 "}\n",
                 arn);
}

void queue_policy_print_kms(struct text *out)
{
    text_append_string(out, "{\n"
                            "  \"Sid\": \"SellingPartnerApiEncrypts\",\n"
                            "  \"Effect\": \"Allow\",\n"
                            "  \"Principal\": {\"AWS\": \"" ROOT "\"},\n"
                            "  \"Action\": [\"kms:GenerateDataKey\", \"kms:Decrypt\"],\n"
                            "  \"Resource\": \"*\"\n"
                            "}\n");
}
