/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_IDS_H
#define JOURNAL_IDS_H

#include "journal/events.h"

/*
 * Every event: its name in code and for users, its level, its MESSAGE_ID (made with
 * "systemd-id128 new", never reused) and the subject of its entry in systemd/dockbell.catalog.
 */
// clang-format off
#define JOURNAL_IDS(X) \
    X(STARTED, "started", EVENT_INFO, "ede5e682bb0143cfb5827c353b45a736", \
      "Dockbell has started") \
    X(READY, "ready", EVENT_INFO, "6296df5b61cc497b97cab4ae12d800de", \
      "Dockbell is ready") \
    X(DEGRADED, "degraded", EVENT_WARNING, "1e788d020c3b4a0dbd16e08c11c9bd3f", \
      "Dockbell runs, but no queue has answered yet") \
    X(STOPPING, "stopping", EVENT_INFO, "fa368dc3ceb7443cbe4cd11a912ce726", \
      "Dockbell is stopping") \
    X(STOPPED, "stopped", EVENT_INFO, "9c992cae85fd43b2a729feb275bd67b7", \
      "Dockbell has stopped") \
    X(RELOADED, "reloaded", EVENT_NOTICE, "ff5376b684584e61a19f7be969d9a6ae", \
      "The configuration was read again") \
    X(RELOAD_REFUSED, "reload-refused", EVENT_ERROR, "5dd883d175eb424794faf1d3dc2b1ae0", \
      "A changed configuration was refused; the old one is in force") \
    X(CONFIG_CHANGED, "config-changed", EVENT_NOTICE, "f11402961dfc4333816968e19a609520", \
      "A section of the configuration has changed") \
    X(RECOVERED, "recovered", EVENT_NOTICE, "49b28d13b644492da1b26cbcf50fa360", \
      "Requests of the last run had an unknown outcome") \
    X(STALLED, "stalled", EVENT_ERROR, "1c69b53299b2428ea1dc00ec83558f0f", \
      "A part of Dockbell does not move any more") \
    X(CONFIG_WARNING, "config-warning", EVENT_WARNING, "71d19e22763b4f6caf20cc43c5d2caa8", \
      "The configuration has a weak spot") \
    X(CONFIG_OVERRIDDEN, "config-overridden", EVENT_INFO, "ee8004ef7bc740bb8ae87c9073c94cdf", \
      "Drop-ins change the configuration") \
    X(CONFIG_REFUSED, "config-refused", EVENT_ERROR, "60fa021e662c429b97a30f12bc417d14", \
      "Dockbell does not start with this configuration") \
    X(SECRETS_MISSING, "secrets-missing", EVENT_ERROR, "06caeab18de4487da455fadf1755489f", \
      "Secrets cannot be read") \
    X(ALARM_FAILED, "alarm-failed", EVENT_WARNING, "e39f134bf97249259effdfe852425e1c", \
      "An alarm could not be sent") \
    X(ALARM_WORKS_AGAIN, "alarm-works-again", EVENT_NOTICE, "79a98024a5734d21bbe0048bd794ff15", \
      "Alarms can be sent again") \
    X(ALARM_GIVEN_UP, "alarm-given-up", EVENT_ERROR, "c6005319bdba4863bff1c932f931e548", \
      "An alarm was never sent") \
    X(ALARM_ENDED, "alarm-ended", EVENT_NOTICE, "fe240d4ed27a4e68a3a3735b93c6a2e9", \
      "The state that an alarm was about is right again") \
    X(ALARM_OUTPUT, "alarm-output", EVENT_INFO, "4405c0c8d58c4707807b41bff899be0d", \
      "The command for alarms said something") \
    X(QUEUE_QUIET, "queue-quiet", EVENT_WARNING, "ce3dc7eba27042d9ae5680adcb3b4864", \
      "Nothing has come over a queue for long") \
    X(QUEUE_HEARD, "queue-heard", EVENT_NOTICE, "dfe0aca2157e4c89b4aa954ac1bc099e", \
      "A silent queue brings something again") \
    X(SELLER_QUIET, "seller-quiet", EVENT_WARNING, "6b3b1a5780d546c4adf1e5e7057a422b", \
      "Nothing has come for a seller for long") \
    X(SELLER_HEARD, "seller-heard", EVENT_NOTICE, "de5ac6d3b88942baa529d3a9032ac6ab", \
      "Something comes for a silent seller again") \
    X(LAG_HIGH, "lag-high", EVENT_WARNING, "c079cf8866d24967ab37d2393c16bf99", \
      "Notifications arrive late") \
    X(LAG_NORMAL, "lag-normal", EVENT_NOTICE, "6c496f945e2a45b9a3f3ff4078b33c4d", \
      "Notifications arrive in time again") \
    X(GAP_NEAR, "gap-near", EVENT_ERROR, "d19b79801d3c42779b151299f489b89f", \
      "A queue cannot be read and will lose messages") \
    X(GAP, "gap", EVENT_ERROR, "d885afbee5b14c49aeb0ea477d957a62", \
      "Notifications may have been lost at Amazon") \
    X(REPEATED, "repeated", EVENT_WARNING, "e5632b6f094b4080ab0521deb832fb40", \
      "An event has come many times") \
    X(ADMIN_LISTENS, "admin-listens", EVENT_INFO, "b09b7c8546374d90b95453199413fa58", \
      "The admin endpoint is open") \
    X(ADMIN_FAILED, "admin-failed", EVENT_ERROR, "d20b38aca2ca45d88af535d8066699a0", \
      "The admin endpoint could not be opened") \
    X(STORE_FAILED, "store-failed", EVENT_ERROR, "489736f2a06e411da8bae4d50636c253", \
      "The store failed") \
    X(STORE_KEYLESS, "store-keyless", EVENT_ERROR, "b2715e3c1ece46a49c1ea45696827379", \
      "The key of the store's bodies is missing") \
    X(STORE_FULL, "store-full", EVENT_ERROR, "3cfe64de20fb4c9b9c8ebedebfa5d0b7", \
      "The disk is full") \
    X(STORE_WORKS_AGAIN, "store-works-again", EVENT_NOTICE, "a189df9a46c34a4db3be145a2bc7475f", \
      "The store can be written again") \
    X(STORE_LOST, "store-lost", EVENT_ERROR, "385a9ddad6c5478e88e2c60493ed4c32", \
      "The files of the store are not at their path any more") \
    X(STORE_SAVED, "store-saved", EVENT_ERROR, "2925f9ccee9b489ba8e4fb02cad081d1", \
      "A store that had lost its place was saved") \
    X(STORE_UNSAVED, "store-unsaved", EVENT_ERROR, "363f1ca5489a41eb945c2429449ffb16", \
      "A store that has lost its place could not be saved") \
    X(STORE_LOCKED, "store-locked", EVENT_ERROR, "04642b11eb234450982e54ad0a759e21", \
      "Another process keeps the store locked") \
    X(STORE_UNLOCKED, "store-unlocked", EVENT_NOTICE, "8970492f50824b54bd8e6f52d0b5239b", \
      "The store is not locked any more") \
    X(LOOP_FAILED, "loop-failed", EVENT_ERROR, "dce3c10c4bee428ea1b06b339aef03df", \
      "The event loop failed") \
    X(STORE_WENT_BACK, "store-went-back", EVENT_ERROR, "194c3e2b3b054c7f9d477b5628bdbca2", \
      "The store is older than it was") \
    X(LOG_LOST, "log-lost", EVENT_WARNING, "23fa9c275cfb48efa46e67ac6d202b75", \
      "Messages of the log were lost") \
    X(DISK_LOW, "disk-low", EVENT_WARNING, "2f4452863db54bfda9fd738ee2b891d1", \
      "The disk is nearly full") \
    X(DISK_ENOUGH, "disk-enough", EVENT_NOTICE, "ee6789378c6048deb6de2e0cea20d369", \
      "The disk has room again") \
    X(BACKLOG_HIGH, "backlog-high", EVENT_WARNING, "036b284fc37547f7bc888fde6b5a63bc", \
      "Many deliveries wait") \
    X(BACKLOG_FULL, "backlog-full", EVENT_ERROR, "16b3ac668e8b438cb7f7aab4e904c263", \
      "Too many deliveries wait; receiving pauses") \
    X(BACKLOG_NORMAL, "backlog-normal", EVENT_NOTICE, "b22dae6c00284430ac9dcadd52c9ca43", \
      "The backlog has shrunk") \
    X(HISTORY_KEPT, "history-kept", EVENT_WARNING, "89263d1c117c43dc85036eb0f2f75d1b", \
      "Old rows are not removed for now") \
    X(RECEIVE_FAILED, "receive-failed", EVENT_WARNING, "bd0b63e76f34424296f8d9721a73f172", \
      "A queue cannot be read") \
    X(RECEIVE_WORKS_AGAIN, "receive-works-again", EVENT_NOTICE, "c8ec9af684a749fcb9c7dd40fc3049e3", \
      "A queue can be read again") \
    X(QUEUE_SILENT, "queue-silent", EVENT_ERROR, "f240411e675b40c78143c1c8c1f23bea", \
      "Amazon does not answer for a queue") \
    X(DAMAGED, "damaged", EVENT_WARNING, "79fc6057cebb4ffb8e533492f1d19dea", \
      "Messages arrived damaged") \
    X(DELETE_FAILED, "delete-failed", EVENT_WARNING, "79ed8b335b1f4398bcc80d363b4431d9", \
      "Messages could not be deleted from a queue") \
    X(DELETE_WORKS_AGAIN, "delete-works-again", EVENT_NOTICE, "bb941a3fa5d54b5e98cf4f68754e9916", \
      "Messages can be deleted from a queue again") \
    X(CLIENT_SECRET_LEFT, "client-secret-left", EVENT_WARNING, "b3cb3c3f8f0541ceae999a2c84a10633", \
      "Amazon has sent a new client secret") \
    X(CLIENT_SECRET_KEPT, "client-secret-kept", EVENT_NOTICE, "716c0ef448894357aad2e58c75dba6fb", \
      "A new client secret is in use") \
    X(CLIENT_SECRET_EXPIRES, "client-secret-expires", EVENT_WARNING, "0dfcce14b1d544c0bdc93c6b0bd97916", \
      "The client secret of the application expires") \
    X(CLIENT_SECRET_FALLBACK, "client-secret-fallback", EVENT_WARNING, "066c19f1e1e44076bc21ea893154b180", \
      "Another client secret than the newest is in use") \
    X(LWA_REFUSED, "lwa-refused", EVENT_ERROR, "df2d6ba2814f4dea86bbed72136fff9e", \
      "Login with Amazon refuses the application or a seller") \
    X(LWA_WORKS_AGAIN, "lwa-works-again", EVENT_NOTICE, "cb22ecbc18d3481b96bec8ba92118204", \
      "Login with Amazon accepts the application or a seller again") \
    X(ROTATION_ASKED, "rotation-asked", EVENT_NOTICE, "9f356b27b0ed4902bae5eb60612bb9af", \
      "Amazon was asked for a new client secret") \
    X(ROTATION_FAILED, "rotation-failed", EVENT_WARNING, "6adaf52b02354fb594fc96e39c913534", \
      "Amazon gives no new client secret") \
    X(UNREADABLE, "unreadable", EVENT_ERROR, "6ea7cd0e848649a78c4818e2ec5daba0", \
      "A message could not be understood") \
    X(ID_CONFLICT, "id-conflict", EVENT_ERROR, "648c84f6c3bb48029c8e40b1a887983b", \
      "A notification id came twice with different contents") \
    X(UNKNOWN_SELLER, "unknown-seller", EVENT_WARNING, "70ac482a65494af0b13b13ccf6c4b948", \
      "A notification is from an unknown sender") \
    X(UNKNOWN_LIMIT, "unknown-limit", EVENT_WARNING, "2cdb3fb46c094fde8c1c3c24a6acc3f5", \
      "No more is kept of unknown senders") \
    X(UNKNOWN_ROOM, "unknown-room", EVENT_NOTICE, "29319513b4c640daa2985f7d8ab4c9e2", \
      "Notifications from unknown senders are kept again") \
    X(UNKNOWN_RELEASED, "unknown-released", EVENT_NOTICE, "26b71e3b0b724f7381b57eacb3b907b7", \
      "Held notifications are delivered, as their seller is known now") \
    X(UNKNOWN_REMOVED, "unknown-removed", EVENT_NOTICE, "21beae085e174b539b2fcc0ee9387209", \
      "Old notifications from unknown senders were removed") \
    X(UNKNOWN_FORWARDED, "unknown-forwarded", EVENT_WARNING, "1407ed00e1334f9f97f7d7ddc1cf85aa", \
      "Notifications from unknown senders are signed") \
    X(QUEUE_OPEN, "queue-open", EVENT_WARNING, "ffc029dba703492a945c8c27725699f2", \
      "Others than Amazon can send to a queue") \
    X(ACCEPTED, "accepted", EVENT_INFO, "9b48dbf596ba445c9b4a3e55d09c397a", \
      "A notification was accepted") \
    X(DELIVERED, "delivered", EVENT_INFO, "11b0381da9b6447aba580cceb7ab6fd2", \
      "A notification was delivered") \
    X(SUPERSEDED, "superseded", EVENT_INFO, "85950d813fa04ce69173c3ffc7ebc135", \
      "A delivery is not sent, as a newer state of its order is") \
    X(POSTPONED, "postponed", EVENT_INFO, "d6ab0f6d007d4a0ca2feaed64050a07d", \
      "A delivery has failed and is tried again") \
    X(ORDERS_UNLISTED, "orders-unlisted", EVENT_INFO, "a9f4f6a1be3c45f3a49df1db7a7beb2a", \
      "Single orders are not listed for now") \
    X(ORDERS_LISTED, "orders-listed", EVENT_INFO, "eb92eeb3855647a983a3763045bc7c5f", \
      "Single orders are listed again") \
    X(REFUSED, "refused", EVENT_WARNING, "0312f899f0574443a9b6da8aed356b04", \
      "A webhook refused a notification") \
    X(DEAD, "dead", EVENT_ERROR, "8702610d103141009452a2d1b788ea35", \
      "A delivery became a dead letter") \
    X(REVIVED, "revived", EVENT_NOTICE, "d64b47f9788549e4b0c002c3affb2f68", \
      "A dead letter lives again") \
    X(BREAKER_OPENED, "breaker-opened", EVENT_ERROR, "de49c78c39e8474bb1cc24278fac59c3", \
      "A webhook does not work") \
    X(BREAKER_CLOSED, "breaker-closed", EVENT_NOTICE, "92ba3b11ced548519c1b23bf2790a104", \
      "A webhook works again") \
    X(THROTTLED, "throttled", EVENT_NOTICE, "c4153b1d94bb4420a602b096b7040bbc", \
      "A webhook asks for fewer requests") \
    X(TOKEN_FAILED, "token-failed", EVENT_ERROR, "ef03273a54144196ad2bb86cbc0abb5d", \
      "A webhook gets no access token") \
    X(TOKEN_WORKS_AGAIN, "token-works-again", EVENT_NOTICE, "f88b87da48bb45f19931e93f2dde5666", \
      "A webhook gets access tokens again") \
    X(WEBHOOK_GONE, "webhook-gone", EVENT_ERROR, "80df75ab8c634989ad0c4aaff8156570", \
      "A webhook said that it is gone; it is paused") \
    X(WEBHOOK_PAUSED, "webhook-paused", EVENT_WARNING, "c664702ecaa54450af5c3d94ced93b5a", \
      "A webhook is paused") \
    X(WEBHOOK_RESUMED, "webhook-resumed", EVENT_NOTICE, "c942787b3ac34ce9b8ccec191c8580a7", \
      "A paused webhook was resumed") \
    X(FILTER_BLOCKS, "filter-blocks", EVENT_WARNING, "13fde2f6b84b4d9cb9a69083847b2433", \
      "The filters of a webhook let nothing pass") \
    X(FILTER_PASSES, "filter-passes", EVENT_NOTICE, "fc95562e66ec4bbc8d7f3fb9e8f28584", \
      "The filters of a webhook let something pass again") \
    X(CERTIFICATE_EXPIRES, "certificate-expires", EVENT_WARNING, "0f5bfa8572f14502b4dea59ad2d710f8", \
      "A certificate for a webhook ends soon") \
    X(REMOVAL_NEAR, "removal-near", EVENT_WARNING, "48f037bf406e477d809b6f7757b91da7", \
      "Dead or held deliveries are removed soon") \
    X(REMOVAL_OVER, "removal-over", EVENT_NOTICE, "deef4f638410440c80ba855ff8568314", \
      "No dead or held delivery is removed soon any more") \
    X(DELIVERY_REMOVED, "delivery-removed", EVENT_NOTICE, "7a22298cf09947e0b75ff34f45c7778b", \
      "A dead or held delivery was removed") \
    X(CERTIFICATE_EXPIRED, "certificate-expired", EVENT_ERROR, "d24ba7215a4a4823a4f3c1245c99c97f", \
      "A certificate for a webhook has ended") \
    X(CERTIFICATE_RENEWED, "certificate-renewed", EVENT_NOTICE, "d4e808c9d2b4432fb1b3b8462947245b", \
      "A certificate for a webhook was renewed") \
    X(CERTIFICATE_UNREADABLE, "certificate-unreadable", EVENT_ERROR, "570bdbfb69dc428195db3257b6dd5cc9", \
      "A certificate for a webhook cannot be used") \
    X(CREDENTIALS_EXPIRE, "credentials-expire", EVENT_ERROR, "c881a85e9e504901bd1109e4a6292df0", \
      "AWS credentials cannot be renewed") \
    X(CREDENTIALS_RENEWED, "credentials-renewed", EVENT_NOTICE, "42d8ed2d590d4144b3f875350033cfbb", \
      "AWS credentials were renewed") \
    X(EXPIRING, "expiring", EVENT_ERROR, "5fd8d8626fb44db5bc915cfc6621b858", \
      "Deliveries are about to expire") \
    X(EXPIRED, "expired", EVENT_ERROR, "0494b1a8726d401c8dbebb64a61e6317", \
      "A delivery expired") \
    X(ORPHANS, "orphans", EVENT_WARNING, "51310353a60643a3b6343ab0864ed644", \
      "Deliveries wait for a webhook that is not configured") \
    X(REGISTERED, "registered", EVENT_NOTICE, "8c1b096b5fbc4905a4157ce5ccceb085", \
      "A registration with Amazon was made") \
    X(REGISTRATION_DIFFERS, "registration-differs", EVENT_WARNING, "0044cc36dd0749b282fdc7dbf0cb2c52", \
      "A registration with Amazon differs from the configuration") \
    X(REGISTRATION_FAILED, "registration-failed", EVENT_ERROR, "14ef928251824b34a1aa59989743b5db", \
      "A registration with Amazon failed") \
    X(REGISTRATION_WORKS, "registration-works", EVENT_NOTICE, "61a65770ebe1440db32e00c36c79c371", \
      "The registration with Amazon is as configured again") \
    X(CLOCK_OFF, "clock-off", EVENT_WARNING, "5d8140e4ccf54778b8bfbf6a3ee11d9e", \
      "The clock of this machine is wrong") \
    X(CLOCK_RIGHT, "clock-right", EVENT_NOTICE, "184df30f1fe94c338020800f312a1407", \
      "The clock of this machine is right again") \
    X(CLOCK_JUMPED, "clock-jumped", EVENT_WARNING, "45600c0b068e4e129ffcd19a87cc879e", \
      "The clock of this machine has jumped") \
    X(CLOCK_UNPROVED, "clock-unproved", EVENT_WARNING, "654d28e72f90444d9da2dac3d60fb8a3", \
      "The time is not certain; nothing expires") \
    X(CLOCK_PROVED, "clock-proved", EVENT_NOTICE, "ee69fc61ecc1404688d77073f06851d0", \
      "The time is certain again") \
    X(OPERATED, "operated", EVENT_NOTICE, "4039429edd5c40b28b132ae18b70208b", \
      "An operator changed deliveries") \
    X(DATA_READ, "data-read", EVENT_NOTICE, "3137ca8a63e366eb21f2f25952989c4f", \
      "An operator read or copied the data of orders") \
    X(ORDER_FORGOTTEN, "order-forgotten", EVENT_NOTICE, "483987848ee04b0ea476090069d3774f", \
      "An operator removed the data of an order")
// clang-format on

enum journal_id {
#define X(name, text, level, id, subject) ID_##name,
    JOURNAL_IDS(X)
#undef X
        JOURNAL_ID_COUNT
};

struct journal_id_row {
    const char *name;
    enum event_level level;
    const char *id;      /* 32 hex digits */
    const char *subject; /* of the catalog */
};

/* Return the row of an event. Never NULL. */
const struct journal_id_row *journal_id(enum journal_id id);

#endif
