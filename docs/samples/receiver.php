<?php
// SPDX-License-Identifier: MIT
// A receiver for Dockbell: verifies, stores, answers, then works. PHP 8.1 with pdo_sqlite.
// WEBHOOK_SECRET (whsec_..., two separated by a comma while rotating), STATE (a directory).
// To try it: php -S 127.0.0.1:8080 receiver.php
declare(strict_types=1);

const TOLERANCE_S = 300;

// A member that is not there is an error, not a null.
set_error_handler(fn (int $level, string $text) => throw new ErrorException($text, 0, $level));

function header_value(string $name): string
{
    return $_SERVER['HTTP_' . strtoupper(strtr($name, '-', '_'))] ?? '';
}

function why_not_genuine(string $body): ?string
{
    [$id, $timestamp] = [header_value('webhook-id'), header_value('webhook-timestamp')];
    if (!preg_match('/^[A-Za-z0-9_-]{1,128}$/D', $id) || !preg_match('/^[0-9]{1,12}$/D', $timestamp)) {
        return 'no webhook-id or webhook-timestamp';
    }
    if (abs(time() - (int) $timestamp) > TOLERANCE_S) {
        return 'timestamp too far from our clock';
    }
    foreach (explode(',', getenv('WEBHOOK_SECRET')) as $secret) {
        $key = base64_decode(preg_replace('/^whsec_/', '', trim($secret)), true);
        $wanted = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
        foreach (explode(' ', header_value('webhook-signature')) as $given) {
            if (hash_equals($wanted, $given)) {
                return null;
            }
        }
    }
    return 'wrong signature';
}

function database(): PDO
{
    $database = new PDO('sqlite:' . getenv('STATE') . '/inbox.db', null, null,
        [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_TIMEOUT => 10]);
    $database->exec('PRAGMA journal_mode = WAL');
    $database->exec('PRAGMA synchronous = FULL');
    $database->exec('CREATE TABLE IF NOT EXISTS inbox
        (id TEXT PRIMARY KEY, sequence INTEGER, body BLOB, done INTEGER)');
    $database->exec('CREATE TABLE IF NOT EXISTS failed (id TEXT PRIMARY KEY, at INTEGER, error TEXT)');
    $database->exec('CREATE TABLE IF NOT EXISTS orders (seller TEXT, id TEXT, at TEXT,
        sequence INTEGER, status TEXT, PRIMARY KEY (seller, id))');
    return $database;
}

// Dedupe and store in one step.
function store(PDO $database, string $id, int $sequence, string $body): bool
{
    $insert = $database->prepare('INSERT OR IGNORE INTO inbox (id, sequence, body) VALUES (?, ?, ?)');
    $insert->execute([$id, $sequence, $body]);
    return $insert->rowCount() > 0;
}

function say(string ...$words): void
{
    file_put_contents('php://stderr', implode(' ', $words) . "\n");
}

// Not a tip, not an event about one item: the state of the whole order.
function reports_state(array $data): bool
{
    return $data['changeType'] === 'OrderStatusChange' && ($data['level'] ?? 'OrderLevel') === 'OrderLevel';
}

// What the event changes. Late states change nothing.
function apply(PDO $database, string $id, int $sequence, array $event): void
{
    $type = $event['type'] ?? '';
    if ($type !== 'amazon.order_change') {  // ping, and types that we do not know
        say('ignored', $id, $type);
        return;
    }
    $data = $event['data'];
    if ($data['cancelRequested']) {
        // The buyer wants to cancel. Act on it whenever it arrives: stop the parcel if it is still here.
        say('requested', $id, $data['orderId']);
        if (!reports_state($data)) {
            return;
        }
    }
    if (!reports_state($data)) {  // act on it if you need it, but never compare it with a state
        say('ignored', $id, $type);
        return;
    }
    $update = $database->prepare('INSERT INTO orders (seller, id, at, sequence, status)
        VALUES (?, ?, ?, ?, ?) ON CONFLICT (seller, id) DO UPDATE SET at = excluded.at,
        sequence = excluded.sequence, status = excluded.status
        WHERE (excluded.at, excluded.sequence) > (orders.at, orders.sequence)');
    $update->execute([$data['sellerId'], $data['orderId'], $event['timestamp'], $sequence, $data['status']]);
    if ($update->rowCount() > 0) {
        say('applied', $id, $data['orderId'], $data['status'], $event['timestamp']);
    } else {
        say('stale', $id, $data['orderId']);
    }
}

// One bad event must not stop the rest. To work on it again, set done to NULL.
function put_aside(PDO $database, string $id, string $error): void
{
    $database->exec('ROLLBACK TO event');
    $database->prepare('INSERT OR REPLACE INTO failed VALUES (?, ?, ?)')->execute([$id, time(), $error]);
    $database->prepare('UPDATE inbox SET done = ? WHERE id = ?')->execute([time(), $id]);
    say('failed', $id, $error);
}

// Whatever was stored and not yet done. A cron job may call this as well, for what a crash left.
function work(PDO $database): void
{
    $database->exec('BEGIN IMMEDIATE');
    $rows = $database->query('SELECT id, sequence, body FROM inbox WHERE done IS NULL
        ORDER BY rowid LIMIT 100')->fetchAll(PDO::FETCH_ASSOC);
    // The id stays: it is the memory against repeats. Delete it after 7 days or more.
    $done = $database->prepare('UPDATE inbox SET done = ?, body = NULL WHERE id = ?');
    foreach ($rows as $row) {
        $database->exec('SAVEPOINT event');
        try {
            apply($database, $row['id'], (int) $row['sequence'],
                json_decode($row['body'], true, 128, JSON_THROW_ON_ERROR));
            $done->execute([time(), $row['id']]);
        } catch (PDOException $problem) {
            throw $problem;  // the disk, or a lock: the event is as good as before
        } catch (Throwable $error) {
            put_aside($database, $row['id'], $error->getMessage());
        }
        $database->exec('RELEASE event');
    }
    $database->exec('COMMIT');
}

$body = file_get_contents('php://input');  // the raw bytes, before any parser
$why = why_not_genuine($body);
if ($why !== null) {
    http_response_code(401);  // not 400: Dockbell keeps the event and tries again
    echo $why;
    return;
}
$database = database();
if (!store($database, header_value('webhook-id'), (int) header_value('dockbell-sequence'), $body)) {
    say('repeat', header_value('webhook-id'));
}
http_response_code(204);  // only what is on disk is answered with 2xx
if (function_exists('fastcgi_finish_request')) {
    fastcgi_finish_request();  // the answer goes out now, the work comes after it
}
try {
    work($database);
} catch (PDOException $problem) {
    say('database', $problem->getMessage());  // it is stored: the next request works on it
}
