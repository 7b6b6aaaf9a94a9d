using System.Diagnostics;
using System.Diagnostics.Metrics;
using Serverless.Registry.GarbageCollection;

namespace Serverless.Web.Telemetry;

/// <summary>
/// What is counted and measured, named as OpenTelemetry does where it has names (semantic conventions 1.36.0, "HTTP metrics"). No label holds what a client can
/// choose: no repository, digest or user, and no method that does not exist. So there are only so many series.
/// </summary>
internal sealed class RegistryMetrics : IDisposable
{
    public const string MeterName = "Serverless.Registry";

    /// <summary>The runtime's own meter.</summary>
    public const string RuntimeMeterName = "System.Runtime";

    private const string RequestDuration = "http.server.request.duration";
    private const string StorageDuration = "registry.storage.call.duration";

    // The conventions' own, and what layers and collections take beyond them.
    private static readonly InstrumentAdvice<double> s_buckets =
        new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120, 300] };

    // Room is made for all series of an instrument before there is one, and for 2000 if nothing else is said, which takes a fifth of the time of the start and 4 MB.
    private static readonly Dictionary<string, int> s_series = new() { [RequestDuration] = 750, [StorageDuration] = 200 };

    private readonly Histogram<double> _requests;
    private readonly UpDownCounter<long> _active;
    private readonly Counter<long> _received;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _uploads;
    private readonly Counter<long> _signInFailures;
    private readonly Histogram<double> _storage;
    private readonly Histogram<double> _maintenance;
    private readonly Counter<long> _collected;
    private readonly Counter<long> _freed;

    public RegistryMetrics(TimeProvider time)
    {
        var started = time.GetTimestamp();
        _requests = Meter.CreateHistogram(RequestDuration, "s", "Time from the head of a request to the end of its answer.", null, s_buckets);
        _active = Meter.CreateUpDownCounter<long>("http.server.active_requests", "{request}", "Requests that are being answered.");
        _received = Meter.CreateCounter<long>("registry.http.received", "By", "Bytes of bodies that were taken from clients.");
        _sent = Meter.CreateCounter<long>("registry.http.sent", "By", "Bytes of bodies that were sent to clients, without downloads that went straight from storage.");
        _uploads = Meter.CreateCounter<long>("registry.uploads", "{upload}", "Blobs that were pushed or mounted.");
        _signInFailures = Meter.CreateCounter<long>("registry.sign_in.failures", "{failure}", "Credentials that were refused.");
        _storage = Meter.CreateHistogram(StorageDuration, "s", "Time that calls to storage took, retries included.", null, s_buckets);
        _maintenance = Meter.CreateHistogram("registry.maintenance.duration", "s", "Time that tasks such as the collection of garbage took.", null, s_buckets);
        _collected = Meter.CreateCounter<long>("registry.gc.blobs", "{blob}", "Blobs that the collector deleted.");
        _freed = Meter.CreateCounter<long>("registry.gc.freed", "By", "Bytes that the collector freed.");
        Meter.CreateObservableGauge("process.uptime", () => time.GetElapsedTime(started).TotalSeconds, "s", "Time since the registry was started.");
    }

    public Meter Meter { get; } = new(MeterName);

    /// <summary>How many series an instrument has at most; what comes beyond is counted in one that says so.</summary>
    public static int SeriesOf(Instrument instrument) => s_series.GetValueOrDefault(instrument.Name, 50);

    public void Begin(string method) => _active.Add(1, Method(method));

    /// <summary>A request has been answered.</summary>
    public void End(RequestRecord request, TimeSpan duration)
    {
        _active.Add(-1, Method(request.Method));
        if (request.SignInFailure is { } how) _signInFailures.Add(1, KeyValuePair.Create<string, object?>("registry.sign_in.method", how));
        if (!_requests.Enabled) return;
        var tags = new TagList { { "http.request.method", request.Method }, { "url.scheme", request.Scheme }, { "http.response.status_code", request.Status } };
        // As the conventions have it: a path that is no route has none, and what is no error has no type of error.
        if (request.Template is { } template) tags.Add("http.route", template);
        if (request.ErrorType is { } error) tags.Add("error.type", error);
        _requests.Record(duration.TotalSeconds, tags);
        var route = new TagList();
        if (request.Template is not null) route.Add("http.route", request.Template);
        if (request.Received > 0) _received.Add(request.Received, route);
        if (request.Sent > 0) _sent.Add(request.Sent, route);
        if (request.UploadForm is { } form) _uploads.Add(1, KeyValuePair.Create<string, object?>("registry.upload.form", form));
    }

    /// <summary>A call to storage has ended.</summary>
    public void Called(string service, string operation, string outcome, TimeSpan duration) => _storage.Record(
        duration.TotalSeconds, new TagList { { "registry.storage.service", service }, { "registry.storage.operation", operation }, { "registry.storage.outcome", outcome } });

    /// <summary>A task has ended.</summary>
    public void Maintained(string task, string outcome, TimeSpan duration) =>
        _maintenance.Record(duration.TotalSeconds, new TagList { { "registry.maintenance.task", task }, { "registry.maintenance.outcome", outcome } });

    /// <summary>The collector has deleted something.</summary>
    public void Collected(CollectedItem item)
    {
        if (item.Kind != CollectedKind.Blob) return;
        _collected.Add(1);
        _freed.Add(item.Size);
    }

    public void Dispose() => Meter.Dispose();

    private static KeyValuePair<string, object?> Method(string method) => new("http.request.method", method);
}
