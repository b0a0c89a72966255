// SPDX-License-Identifier: MIT
// A receiver for Dockbell: verifies, stores, answers, then works. Java 17, standard library.
// WEBHOOK_SECRET (whsec_..., two separated by a comma while rotating), PORT, STATE (a directory).
// To try it: java Receiver.java
//
// It has no database: the inbox is a directory with one file for each webhook-id. With a database,
// let it be a table with webhook-id as its primary key.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Receiver {
    static final long TOLERANCE_S = 300;
    static final int BODY_MAX = 4 * 1024 * 1024;
    static final int BACKLOG = 1024; // connections that wait to be accepted

    record Order(String timestamp, long sequence, String status) {}

    final List<byte[]> keys = new ArrayList<>();
    final Path inbox;
    final ExecutorService worker = Executors.newSingleThreadExecutor();
    final Map<String, Order> orders = new HashMap<>(); // the worker's; a database in real life

    Receiver(String secrets, Path inbox) throws IOException {
        for (String secret : secrets.split(","))
            keys.add(Base64.getDecoder().decode(secret.strip().replaceFirst("^whsec_", "")));
        this.inbox = Files.createDirectories(inbox);
    }

    static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    String whyNotGenuine(HttpExchange exchange, byte[] body) throws GeneralSecurityException {
        String id = header(exchange, "webhook-id"), timestamp = header(exchange, "webhook-timestamp");
        if (!id.matches("[A-Za-z0-9_-]{1,128}") || !timestamp.matches("[0-9]{1,12}"))
            return "no webhook-id or webhook-timestamp";
        if (Math.abs(System.currentTimeMillis() / 1000 - Long.parseLong(timestamp)) > TOLERANCE_S)
            return "timestamp too far from our clock";
        for (byte[] key : keys) {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.US_ASCII));
            byte[] wanted = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body)))
                    .getBytes(StandardCharsets.US_ASCII);
            for (String given : header(exchange, "webhook-signature").split(" "))
                if (MessageDigest.isEqual(wanted, given.getBytes(StandardCharsets.UTF_8)))
                    return null; // isEqual takes the same time for every signature
        }
        return "wrong signature";
    }

    // Dedupe and store in one step: on disk first, then under its name, which only one can take.
    boolean store(String id, String sequence, byte[] body) throws IOException {
        Path draft = Files.createTempFile(inbox, ".", "");
        try (FileChannel file = FileChannel.open(draft, StandardOpenOption.WRITE)) {
            file.write(new ByteBuffer[] {
                ByteBuffer.wrap((sequence + "\n").getBytes(StandardCharsets.US_ASCII)), ByteBuffer.wrap(body)});
            file.force(true);
            Files.createLink(inbox.resolve(id), draft);
        } catch (FileAlreadyExistsException known) {
            return false;
        } finally {
            Files.delete(draft);
        }
        try (FileChannel directory = FileChannel.open(inbox)) {
            directory.force(true);
        }
        return true;
    }

    // Reads what is needed with a pattern. Use the JSON library that your system has.
    static String field(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"\\\\]*)\"").matcher(json);
        return found.find() ? found.group(1) : null;
    }

    // Not a tip, not an event about one item: the state of the whole order.
    static boolean reportsState(String event) {
        String level = field(event, "level");
        return "OrderStatusChange".equals(field(event, "changeType")) && (level == null || level.equals("OrderLevel"));
    }

    // What the event changes. Late states change nothing, and doing it twice does no harm.
    void apply(String id, long sequence, String body) {
        String event = body.split("\"notification\"\\s*:", 2)[0]; // what stands before Amazon's own bytes
        String type = field(event, "type"), timestamp = field(event, "timestamp");
        if (!"amazon.order_change".equals(type)) { // ping, and types that we do not know
            System.out.println("ignored " + id + " " + type);
            return;
        }
        String order = field(event, "orderId"), status = field(event, "status");
        if (event.contains("\"cancelRequested\":true")) {
            // The buyer wants to cancel. Act on it whenever it arrives: stop the parcel if it is still here.
            System.out.println("requested " + id + " " + order);
            if (!reportsState(event)) {
                return;
            }
        }
        if (!reportsState(event)) { // act on it if you need it, but never compare it with a state
            System.out.println("ignored " + id + " " + type);
            return;
        }
        Objects.requireNonNull(timestamp, "no timestamp");
        Order known = orders.get(field(event, "sellerId") + "/" + order);
        int later = known == null ? 1 : timestamp.compareTo(known.timestamp());
        if (later < 0 || later == 0 && sequence <= known.sequence()) {
            System.out.println("stale " + id + " " + order);
            return;
        }
        orders.put(field(event, "sellerId") + "/" + order, new Order(timestamp, sequence, status));
        System.out.println("applied " + id + " " + order + " " + status + " " + timestamp);
    }

    // One bad event must not stop the rest. Its file stays in the inbox, for the next start.
    void workOn(String id, String sequence, String body) {
        try {
            apply(id, Long.parseLong(sequence), body);
        } catch (RuntimeException error) {
            System.out.println("failed " + id + " " + error);
        }
    }

    static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0)
            exchange.getResponseBody().write(bytes);
    }

    void receive(HttpExchange exchange) throws IOException, GeneralSecurityException {
        byte[] body = exchange.getRequestBody().readNBytes(BODY_MAX + 1); // raw, before any parser
        String why = body.length > BODY_MAX ? "too large" : whyNotGenuine(exchange, body);
        if (why != null) { // not 400: Dockbell keeps the event and tries again
            answer(exchange, body.length > BODY_MAX ? 413 : 401, why);
            return;
        }
        String id = header(exchange, "webhook-id"), number = header(exchange, "dockbell-sequence");
        String sequence = number.matches("[0-9]{1,18}") ? number : "0";
        // Queued before the answer, because the next event of the order comes after it.
        if (store(id, sequence, body))
            worker.execute(() -> workOn(id, sequence, new String(body, StandardCharsets.UTF_8)));
        else
            System.out.println("repeat " + id);
        answer(exchange, 204, ""); // only what is on disk is answered with 2xx
    }

    void handle(HttpExchange exchange) throws IOException {
        try {
            receive(exchange);
        } catch (GeneralSecurityException | IOException failure) {
            failure.printStackTrace();
            answer(exchange, 500, ""); // Dockbell tries again
        } finally {
            exchange.close();
        }
    }

    // What was stored before the last stop. Old files may be deleted after 7 days or more.
    void replay() throws IOException {
        try (var files = Files.newDirectoryStream(inbox, path -> !path.getFileName().toString().startsWith("."))) {
            for (Path file : files) {
                String[] parts = Files.readString(file).split("\n", 2);
                workOn(file.getFileName().toString(), parts[0], parts[1]);
            }
        }
    }

    public static void main(String[] arguments) throws IOException {
        Receiver receiver = new Receiver(System.getenv("WEBHOOK_SECRET"), Path.of(System.getenv("STATE"), "inbox"));
        receiver.replay();
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), BACKLOG);
        server.createContext("/", receiver::handle);
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
        System.out.println("listening on " + server.getAddress().getPort());
    }
}
