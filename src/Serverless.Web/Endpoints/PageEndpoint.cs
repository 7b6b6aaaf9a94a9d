using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using Serverless.Ui;
using Serverless.Web.Http;
using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints;

/// <summary>
/// <c>/ui/</c>: the page, for everybody, for it is the same for all: what it shows comes from the API, which decides who sees what. Nothing here asks storage. Addresses in it are
/// relative, so that it works below any prefix, whether this registry knows of it or a proxy takes it away.
/// </summary>
internal sealed class PageEndpoint : IEndpoints
{
    // Everything comes from this registry, nothing is written into the page itself, and nobody puts the page into another.
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

    // Names of files change with what is in them; the one that names them does not.
    private const string ForEver = "public, max-age=31536000, immutable";
    private const string AskEachTime = "no-cache";

    // What there is instead where the build had no Node.js.
    private static readonly byte[] s_leftOut = Encoding.UTF8.GetBytes(
        """<!doctype html><html lang="en"><title>Container registry</title><h1>Container registry</h1><p>This build of the registry was made without its page, because Node.js was not there. The registry itself works.</p></html>""");

    private static readonly (string Coding, string Ending)[] s_codings = [("br", ".br"), ("gzip", ".gz")];

    private static readonly Lazy<EntityTagHeaderValue> s_indexTag = new(() =>
    {
        using var index = PageFiles.Open(PageFiles.Index)!;
        return Preconditions.TagOf(SHA256.HashData(index), isWeak: true);
    });

    public Endpoint? Find(RegistryRoute route, string method) => (route, method) is (RegistryRoute.Page page, "GET" or "HEAD") ? (http, _) => AnswerAsync(http, page.File) : null;

    private static Task AnswerAsync(HttpContext http, string? file)
    {
        http.Response.Headers.ContentSecurityPolicy = Policy;
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        if (file is null) return RedirectAsync(http);
        var isIndex = file.Length == 0;
        if (isIndex && !PageFiles.Exist) return WriteLeftOutAsync(http);
        var name = isIndex ? PageFiles.Index : file;
        // What is compressed already is found by what it is compressed of.
        if (TypeOf(name) is not { } type || !PageFiles.Names.Contains(name)) throw RouteParser.NoEndpoint();
        return WriteAsync(http, name, type);
    }

    // Below the slash, the page's relative addresses lead somewhere. This one is relative as well.
    private static Task RedirectAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        http.Response.Headers.Location = "ui/";
        return Task.CompletedTask;
    }

    private static async Task WriteAsync(HttpContext http, string name, string type)
    {
        var (request, response) = (http.Request, http.Response);
        var isIndex = name == PageFiles.Index;
        response.Headers.CacheControl = isIndex ? AskEachTime : ForEver;
        response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        if (isIndex && Preconditions.Answer(http, s_indexTag.Value)) return;
        var coding = FindCoding(request);
        if (coding is not null) response.Headers.ContentEncoding = coding.Value.Coding;
        await using var body = PageFiles.Open(name + coding?.Ending) ?? throw new InvalidOperationException($"The build has not compressed {name}.");
        response.ContentType = type;
        response.ContentLength = body.Length;
        if (HttpMethods.IsGet(request.Method)) await body.CopyToAsync(response.Body, http.RequestAborted);
    }

    private static async Task WriteLeftOutAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        http.Response.Headers.CacheControl = AskEachTime;
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.ContentLength = s_leftOut.Length;
        if (HttpMethods.IsGet(http.Request.Method)) await http.Response.Body.WriteAsync(s_leftOut, http.RequestAborted);
    }

    // The best that the client takes (RFC 9110, section 12.5.3); null: as it is.
    private static (string Coding, string Ending)? FindCoding(HttpRequest request)
    {
        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding!, out var accepted)) return null;
        foreach (var coding in s_codings)
        {
            if (accepted.Any(a => a.Value.Equals(coding.Coding, StringComparison.OrdinalIgnoreCase) && a.Quality is not 0)) return coding;
        }

        return null;
    }

    private static string? TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => null,
    };
}
