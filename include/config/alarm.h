/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_ALARM_H
#define CONFIG_ALARM_H

#include "config/config.h"
#include "webhook/sign.h"

/* The ways by which alarms are sent, with their secrets. */
struct config_alarm_channels {
    struct secret url;        /* size 0: there is none; NUL-terminated */
    struct webhook_keys keys; /* none: unsigned */
    char *const *command;     /* the config's; NULL: there is none */
    uint64_t timeout_usec;
};

/* Resolve the keys of [alarm]. 0, or -EIO: a wrong part is left out, the rest is there all the
 * same. In both cases the caller ends it with config_alarm_channels_clear. */
int config_alarm_channels(struct config_alarm_channels *ret, const struct config *config,
                          struct error *error);
void config_alarm_channels_clear(struct config_alarm_channels *channels);

/* Check whether a resolved URL can be used: 0, or -EIO with the reason. */
int config_check_alarm_url(const struct config *config, const struct secret *url,
                           struct error *error);

/* Split a command into its words: at blanks, with double quotes around words that contain some.
 * Inside quotes \" and \\ mean " and \. No shell, no variables, no patterns. NULL-terminated, freed
 * with text_list_free; NULL with *error: it is no command. */
char **config_split_command(const char *value, struct error *error);

#endif
