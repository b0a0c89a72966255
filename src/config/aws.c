/* SPDX-License-Identifier: MIT */
#include "config/aws.h"

#include "base/memory.h"

int config_aws_credentials(struct aws_credentials *ret, const struct config *config,
                           struct error *error)
{
    if (!config->access_key_id) {
        int r = aws_credentials_from_environment(ret, error);
        return r != 1 ? r
                      : error_set(error, ERROR_CONFIG,
                                  "no AWS credentials: set access_key_id and secret_access_key in "
                                  "[aws], or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the "
                                  "environment");
    }
    ret->access_key_id = memory_string(config->access_key_id);
    int r = config_secret_resolve(&ret->secret_access_key, &config->secret_access_key, error);
    if (!r && config->session_token.reference)
        r = config_secret_resolve(&ret->session_token, &config->session_token, error);
    return r;
}
