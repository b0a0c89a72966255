/* SPDX-License-Identifier: MIT */
/* AWS credentials: checks of their keys, and options for the identities. */
#include "config/aws.h"

#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/sqs_arn.h"
#include "base/memory.h"
#include "draft.h"
#include "values.h"

/* ---- checks ---- */

static void complain(struct config_draft *draft, const char *name, const char *problem)
{
    for (size_t i = 0; i < draft->n_sections; i++)
        if (draft->sections[i].kind == CONFIG_AWS)
            draft_complain(draft, false, &draft->sections[i], config_key_find(CONFIG_AWS, name),
                           "%s", problem);
}

/* Check that `source` has what it needs, and that nothing contradicts it. */
static void check_source(struct config_draft *draft)
{
    const struct config *config = draft->config;
    enum credential_source source = config->aws.source;
    bool any = source == CREDENTIAL_SOURCE_ANY;
    if (source == CREDENTIAL_SOURCE_CONFIG && !config->access_key_id)
        complain(draft, "source", "config needs access_key_id and secret_access_key");
    if (config->access_key_id && !any && source != CREDENTIAL_SOURCE_CONFIG)
        complain(draft, "access_key_id", "is not used with this source; remove one of them");
    if (config->aws.process && !any && source != CREDENTIAL_SOURCE_PROCESS)
        complain(draft, "credential_process", "is not used with this source; remove one of them");
}

void config_check_aws(struct config_draft *draft)
{
    const struct config *config = draft->config;
    check_source(draft);
    if (config->aws.external_id && !config->aws.role_arn)
        complain(draft, "external_id", "needs role_arn as well");
    for (size_t i = 0; i < config->n_queues; i++)
        if (config->queues[i].external_id && !config->queues[i].role_arn)
            draft_complain(draft, false, draft_section_of(draft, CONFIG_QUEUE, i),
                           config_key_find(CONFIG_QUEUE, "external_id"), "needs role_arn as well");
}

/* ---- options ---- */

/* Read the keys of [aws], each time again: files of secrets change. */
static int read_keys(struct aws_credentials *ret, struct error *error, void *userdata)
{
    const struct config *config = userdata;
    aws_credentials_clear(ret);
    ret->access_key_id = memory_string(config->access_key_id);
    int r = config_secret_resolve(&ret->secret_access_key, &config->secret_access_key, error);
    if (!r && config->session_token.reference)
        r = config_secret_resolve(&ret->session_token, &config->session_token, error);
    return r;
}

static void add_file(const struct config_secret *secret, const char *reference, void *userdata)
{
    char ***files = userdata;
    size_t count = text_list_size(*files);
    (void)secret;
    if (!text_starts(reference, "file:"))
        return;
    *files = memory_resize(*files, count + 2, sizeof(**files));
    (*files)[count] = memory_string(reference + strlen("file:"));
    (*files)[count + 1] = NULL;
}

/* Return the region of the first queue; NULL: there is none. The caller frees it. */
static char *first_region(const struct config *config)
{
    struct sqs_arn arn;
    if (!config->n_queues || !config->queues[0].arn ||
        sqs_arn_split(config->queues[0].arn, &arn, NULL) < 0)
        return NULL;
    return memory_string(arn.region);
}

/* If root asks, use the files of the daemon's user: the one that the state directory belongs to. */
static void find_home(char *home, size_t size, const struct config *config)
{
    struct stat info;
    const struct passwd *user = NULL;
    if (geteuid() == 0 && stat(config->state_directory, &info) == 0 && info.st_uid != 0)
        user = getpwuid(info.st_uid);
    text_copy(home, size, user ? user->pw_dir : "");
}

void config_aws_options(struct identities_options *ret, char ***ret_files,
                        const struct config *config)
{
    const struct config_aws *aws = &config->aws;
    *ret_files = memory_new(sizeof(**ret_files));
    if (config->secret_access_key.reference)
        config_secret_each_reference(&config->secret_access_key, add_file, ret_files);
    if (config->session_token.reference)
        config_secret_each_reference(&config->session_token, add_file, ret_files);
    ret->setting = (struct credential_setting){
        .source = aws->source,
        .has_keys = config->access_key_id != NULL,
        .process = aws->process,
        .profile = aws->profile,
        .role_arn = aws->role_arn,
        .external_id = aws->external_id,
        .region = aws->region,
        .config_file = aws->config_file,
        .credentials_file = aws->credentials_file,
    };
    find_home(ret->setting.home, sizeof(ret->setting.home), config);
    ret->read_keys = read_keys;
    ret->read_userdata = (void *)config;
    ret->files = *ret_files;
    AUTOFREE char *region = first_region(config);
    text_copy(ret->region, sizeof(ret->region), region ? region : "us-east-1");
}

struct identity_want config_aws_want(const struct config_queue *queue)
{
    return (struct identity_want){
        .profile = queue->profile,
        .role_arn = queue->role_arn,
        .external_id = queue->external_id,
    };
}
