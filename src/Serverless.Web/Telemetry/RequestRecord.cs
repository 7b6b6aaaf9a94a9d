using System.Diagnostics;
using System.Globalization;
using Serverless.Web.Routing;

namespace Serverless.Web.Telemetry;

/// <summary>What is noted of a request on its way. It is a feature of the request.</summary>
internal sealed class RequestRecord
{
    // nginx's status for clients that were gone before they were answered.
    private const int ClientGone = 499;

    private static readonly string[] s_methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"];

    private readonly HttpContext _http;

    private RequestRecord(HttpContext http) => _http = http;

    /// <summary>The method; <c>_OTHER</c> for one that nobody knows, of which there are as many as somebody likes to send.</summary>
    public string Method => s_methods.Contains(_http.Request.Method) ? _http.Request.Method : "_OTHER";

    /// <summary>Whether the connection is by TLS. What a client writes is not asked: it could write anything.</summary>
    public string Scheme => _http.Request.IsHttps ? "https" : "http";

    /// <summary>What the path names; null until it has been read, and when it names nothing.</summary>
    public RegistryRoute? Route { get; set; }

    /// <summary>How somebody has tried to sign in and failed; null when nobody has.</summary>
    public string? SignInFailure { get; set; }

    /// <summary>Whether the answer broke off after it had begun: its status was out by then, and is no success.</summary>
    public bool IsBroken { get; set; }

    /// <summary>What went wrong, in a word of which there are only so many; null when nothing did.</summary>
    public string? ErrorType => IsBroken ? "broken" : Status >= 500 ? Text(Status) : null;

    /// <summary>Bytes of the body that were taken.</summary>
    public long Received { get; set; }

    /// <summary>Bytes of the answer's body.</summary>
    public long Sent { get; set; }

    /// <summary>Bytes that the answer has sent the client elsewhere for.</summary>
    public long Redirected { get; set; }

    /// <summary>The family of paths; null when the path is no route.</summary>
    public string? Template => Route is { } route ? RouteFamily.Of(route) : null;

    public int Status => _http.RequestAborted.IsCancellationRequested && !_http.Response.HasStarted ? ClientGone : _http.Response.StatusCode;

    /// <summary>How a blob came to its repository; null when none did.</summary>
    public string? UploadForm => (Route, Status) switch
    {
        (RegistryRoute.Uploads, StatusCodes.Status201Created) => _http.Request.Query.ContainsKey("digest") ? "post" : "mount",
        (RegistryRoute.Upload, StatusCodes.Status201Created) => "put",
        _ => null,
    };

    /// <summary>The record of a request that has just come.</summary>
    public static RequestRecord Begin(HttpContext http)
    {
        var record = new RequestRecord(http);
        http.Features.Set(record);
        return record;
    }

    /// <summary>The record of a request.</summary>
    public static RequestRecord Of(HttpContext http) => http.Features.Get<RequestRecord>() ?? throw new UnreachableException("A request that nobody observes.");

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}
