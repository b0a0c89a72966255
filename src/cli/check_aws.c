/* SPDX-License-Identifier: MIT */
#include "check_aws.h"

#include <stdio.h>

#include "base/json.h"
#include "base/memory.h"
#include "config/aws.h"

void check_aws_look(struct check_aws *ret, const struct config *config,
                    struct config_findings *findings)
{
    struct identities_options options = {0};
    struct credential_plan *plan = NULL;
    struct error error;
    char **files;
    config_aws_options(&options, &files, config);
    *ret = (struct check_aws){0};
    int r = credential_plan_make(&plan, &options.setting, &error);
    if (r < 0)
        findings_add(findings, true, &(struct config_place){config->path, 0}, "[aws]", error.text);
    if (r == 0) {
        ret->place = memory_string(plan->place);
        ret->hidden = memory_string(plan->hidden);
    }
    credential_plan_free(plan);
    text_list_free(files);
}

void check_aws_clear(struct check_aws *aws)
{
    free(aws->place);
    free(aws->hidden);
    *aws = (struct check_aws){0};
}

void check_aws_print(const struct check_aws *aws)
{
    if (!aws->place || (!aws->hidden && text_starts(aws->place, "access_key_id ")))
        return;
    printf("AWS credentials: %s%s%s\n", aws->place, aws->hidden ? "; it hides " : "",
           aws->hidden ? aws->hidden : "");
}

void check_aws_put(struct text *out, const struct check_aws *aws)
{
    json_open(out, "aws", '{');
    json_string(out, "source", aws->place);
    json_string(out, "hidden", aws->hidden);
    json_close(out, '}');
}
