// SPDX-License-Identifier: MIT
// A receiver for Dockbell: verifies, stores, answers, then works. C# 7, nothing but the runtime.
// WEBHOOK_SECRET (whsec_..., two separated by a comma while rotating), PORT, STATE (a directory).
//
// It has no database: the inbox is a directory with one file for each webhook-id. With a database,
// let it be a table with webhook-id as its primary key.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

class Order
{
    public string Timestamp;
    public long Sequence;
}

class Receiver
{
    const long ToleranceS = 300;
    const int BodyMax = 4 * 1024 * 1024;

    readonly List<byte[]> keys;
    readonly string inbox;
    readonly int directory; // the inbox's, as a file descriptor
    readonly BlockingCollection<Action> work = new BlockingCollection<Action>();
    readonly Dictionary<string, Order> orders = new Dictionary<string, Order>(); // a database in real life

    Receiver(string secrets, string inbox)
    {
        keys = secrets.Split(',').Select(s => Convert.FromBase64String(Regex.Replace(s.Trim(), "^whsec_", ""))).ToList();
        this.inbox = inbox;
        Directory.CreateDirectory(inbox);
        if (Environment.OSVersion.Platform == PlatformID.Unix)
            directory = OpenFile(inbox, 0);
    }

    static string Header(HttpListenerRequest request, string name) => request.Headers[name] ?? "";

    // The same time for every signature; .NET Core has CryptographicOperations.FixedTimeEquals.
    static bool FixedTimeEquals(byte[] a, byte[] b)
    {
        int difference = a.Length ^ b.Length;
        for (int i = 0; i < a.Length && i < b.Length; i++)
            difference |= a[i] ^ b[i];
        return difference == 0;
    }

    string WhyNotGenuine(HttpListenerRequest request, byte[] body)
    {
        string id = Header(request, "webhook-id"), timestamp = Header(request, "webhook-timestamp");
        if (!Regex.IsMatch(id, @"^[A-Za-z0-9_-]{1,128}\z") || !Regex.IsMatch(timestamp, @"^[0-9]{1,12}\z"))
            return "no webhook-id or webhook-timestamp";
        if (Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(timestamp)) > ToleranceS)
            return "timestamp too far from our clock";
        byte[] text = Encoding.ASCII.GetBytes(id + "." + timestamp + ".").Concat(body).ToArray();
        foreach (byte[] key in keys)
        {
            using (var mac = new HMACSHA256(key))
            {
                byte[] wanted = Encoding.ASCII.GetBytes("v1," + Convert.ToBase64String(mac.ComputeHash(text)));
                foreach (string given in Header(request, "webhook-signature").Split(' '))
                    if (FixedTimeEquals(wanted, Encoding.UTF8.GetBytes(given)))
                        return null;
            }
        }
        return "wrong signature";
    }

    [DllImport("libc", EntryPoint = "open")]
    static extern int OpenFile(string path, int flags);
    [DllImport("libc", EntryPoint = "fsync")]
    static extern int SyncFile(int file);

    // The name of a new file is on disk after a sync of its directory; Windows needs none.
    void SyncInbox()
    {
        if (Environment.OSVersion.Platform == PlatformID.Unix && SyncFile(directory) != 0)
            throw new IOException("the inbox cannot be synced");
    }

    // Dedupe and store in one step: on disk first, then under its name, which only one can take.
    bool Store(string id, string sequence, byte[] body)
    {
        string name = Path.Combine(inbox, id), draft = Path.Combine(inbox, "." + Guid.NewGuid());
        using (var file = new FileStream(draft, FileMode.CreateNew))
        {
            byte[] first = Encoding.ASCII.GetBytes(sequence + "\n");
            file.Write(first, 0, first.Length);
            file.Write(body, 0, body.Length);
            file.Flush(true);
        }
        lock (work) // File.Move looks for the name first
        {
            if (File.Exists(name))
            {
                File.Delete(draft);
                return false;
            }
            File.Move(draft, name);
        }
        SyncInbox();
        return true;
    }

    // Reads what is needed with a pattern. Use the JSON library that your system has.
    static string Field(string json, string name)
    {
        Match found = Regex.Match(json, "\"" + name + "\"\\s*:\\s*\"([^\"\\\\]*)\"");
        return found.Success ? found.Groups[1].Value : null;
    }

    // Not a tip, not an event about one item: the state of the whole order.
    static bool ReportsState(string head) =>
        Field(head, "changeType") == "OrderStatusChange" && (Field(head, "level") ?? "OrderLevel") == "OrderLevel";

    // What the event changes. Late states change nothing, and doing it twice does no harm.
    void Apply(string id, long sequence, string body)
    {
        // What stands before Amazon's own bytes.
        string head = Regex.Split(body, "\"notification\"\\s*:")[0];
        string type = Field(head, "type"), timestamp = Field(head, "timestamp");
        if (type != "amazon.order_change") // ping, and types that we do not know
        {
            Console.WriteLine("ignored " + id + " " + type);
            return;
        }
        if (head.Contains("\"cancelRequested\":true"))
        {
            // The buyer wants to cancel. Act on it whenever it arrives: stop the parcel if it is still here.
            Console.WriteLine("requested " + id + " " + Field(head, "orderId"));
            if (!ReportsState(head))
                return;
        }
        if (!ReportsState(head)) // act on it if you need it, but never compare it with a state
        {
            Console.WriteLine("ignored " + id + " " + type);
            return;
        }
        if (timestamp == null)
            throw new FormatException("no timestamp");
        string order = Field(head, "orderId"), key = Field(head, "sellerId") + "/" + order;
        Order known;
        int later = orders.TryGetValue(key, out known) ? string.CompareOrdinal(timestamp, known.Timestamp) : 1;
        if (later < 0 || later == 0 && sequence <= known.Sequence)
        {
            Console.WriteLine("stale " + id + " " + order);
            return;
        }
        orders[key] = new Order { Timestamp = timestamp, Sequence = sequence };
        Console.WriteLine("applied " + id + " " + order + " " + Field(head, "status") + " " + timestamp);
    }

    // One bad event must not stop the rest. Its file stays in the inbox, for the next start.
    void WorkOn(string id, string sequence, string body)
    {
        try
        {
            Apply(id, long.Parse(sequence), body);
        }
        catch (Exception error)
        {
            Console.WriteLine("failed " + id + " " + error.Message);
        }
    }

    static void Answer(HttpListenerContext context, int status, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentLength64 = bytes.Length;
        context.Response.Close(bytes, true);
    }

    void Receive(HttpListenerContext context)
    {
        HttpListenerRequest request = context.Request;
        if (request.ContentLength64 < 0 || request.ContentLength64 > BodyMax)
        {
            Answer(context, 413, "");
            return;
        }
        byte[] body = new byte[request.ContentLength64]; // the raw bytes, before any parser
        for (int at = 0, got; at < body.Length; at += got)
            if ((got = request.InputStream.Read(body, at, body.Length - at)) == 0)
                return;
        string why = WhyNotGenuine(request, body);
        if (why != null) // not 400: Dockbell keeps the event and tries again
        {
            Answer(context, 401, why);
            return;
        }
        string id = Header(request, "webhook-id"), number = Header(request, "dockbell-sequence");
        string sequence = Regex.IsMatch(number, @"^[0-9]{1,18}\z") ? number : "0";
        // Queued before the answer, because the next event of the order comes after it.
        if (Store(id, sequence, body))
            work.Add(() => WorkOn(id, sequence, Encoding.UTF8.GetString(body)));
        else
            Console.WriteLine("repeat " + id);
        Answer(context, 204, ""); // only what is on disk is answered with 2xx
    }

    void Handle(HttpListenerContext context)
    {
        try
        {
            Receive(context);
        }
        catch (Exception failure)
        {
            Console.Error.WriteLine(failure);
            context.Response.StatusCode = 500; // Dockbell tries again
            context.Response.Close();
        }
    }

    // What was stored before the last stop. Old files may be deleted after 7 days or more.
    void Replay()
    {
        foreach (string path in Directory.GetFiles(inbox).Where(path => !Path.GetFileName(path).StartsWith(".")))
        {
            string[] parts = File.ReadAllText(path).Split(new[] { '\n' }, 2);
            WorkOn(Path.GetFileName(path), parts[0], parts[1]);
        }
    }

    static void Main()
    {
        string state = Environment.GetEnvironmentVariable("STATE"), port = Environment.GetEnvironmentVariable("PORT") ?? "8080";
        Console.SetOut(TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true }));
        var receiver = new Receiver(Environment.GetEnvironmentVariable("WEBHOOK_SECRET"), Path.Combine(state, "inbox"));
        receiver.Replay();
        new Thread(() => { foreach (Action job in receiver.work.GetConsumingEnumerable()) job(); }) { IsBackground = true }.Start();
        var listener = new HttpListener();
        listener.Prefixes.Add("http://127.0.0.1:" + port + "/");
        listener.Start();
        Console.WriteLine("listening on " + port);
        for (;;)
        {
            HttpListenerContext context = listener.GetContext();
            Task.Run(() => receiver.Handle(context));
        }
    }
}
