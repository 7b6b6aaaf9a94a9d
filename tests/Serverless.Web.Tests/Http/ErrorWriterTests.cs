using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Registry.Oci;
using Serverless.Web.Http;
using Xunit;

namespace Serverless.Web.Tests.Http;

public sealed class ErrorWriterTests
{
    // OCI distribution specification 1.1.1, "Error codes".
    private static readonly string[] s_codes =
    [
        "BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN", "MANIFEST_INVALID", "MANIFEST_UNKNOWN",
        "NAME_INVALID", "NAME_UNKNOWN", "SIZE_INVALID", "UNAUTHORIZED", "DENIED", "UNSUPPORTED", "TOOMANYREQUESTS",
        // distribution's own, which its clients know.
        "TAG_INVALID", "PAGINATION_NUMBER_INVALID", "UNAVAILABLE",
    ];

    public static TheoryData<string> Errors => [.. typeof(RegistryError).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Every_error_has_a_code_that_clients_know_and_says_when_to_come_back_if_it_passes(string name)
    {
        var error = (RegistryError)typeof(RegistryError).GetField(name)!.GetValue(null)!;
        Assert.Contains(error.Code, s_codes);
        var (response, body) = await WriteAsync("GET", error, null, null);
        Assert.Equal((error.Status, "application/json", (long?)body.Length), (response.StatusCode, response.ContentType, response.ContentLength));
        Assert.Equal(error.Status is 429 or 503, response.Headers.RetryAfter.Count > 0);
        Assert.Equal("registry/2.0", response.Headers["Docker-Distribution-API-Version"]);
        using var json = JsonDocument.Parse(body);
        Assert.Equal(error.Message, json.RootElement.GetProperty("errors")[0].GetProperty("message").GetString());
        Assert.False(json.RootElement.GetProperty("errors")[0].TryGetProperty("detail", out _));
    }

    [Fact]
    public async Task To_head_there_is_no_body_and_its_length()
    {
        var (response, body) = await WriteAsync("HEAD", RegistryError.BlobUnknown, null, null);
        Assert.Empty(body);
        Assert.True(response.ContentLength > 0);
    }

    [Fact]
    public async Task Message_and_detail_are_escaped()
    {
        var hostile = "\"}]}\r\n<script>\u2028";
        var (_, body) = await WriteAsync("GET", RegistryError.ManifestInvalid, hostile, new object[] { hostile, new Dictionary<string, string> { [hostile] = hostile }, 5 });
        using var json = JsonDocument.Parse(body);
        var errors = json.RootElement.GetProperty("errors").EnumerateArray().ToList();
        Assert.All(errors, e => Assert.Equal(hostile, e.GetProperty("message").GetString()));
        var details = errors.ConvertAll(e => e.GetProperty("detail"));
        Assert.Equal(hostile, details[0].GetString());
        Assert.Equal(hostile, details[1].GetProperty(hostile).GetString());
        Assert.Equal("5", details[2].GetString());
        Assert.DoesNotContain('<', Encoding.UTF8.GetString(body));
    }

    private static async Task<(HttpResponse Response, byte[] Body)> WriteAsync(string method, RegistryError error, string? message, object? detail)
    {
        using var body = new MemoryStream();
        var http = new DefaultHttpContext { Request = { Method = method }, Response = { Body = body } };
        await ErrorWriter.WriteAsync(http, error, message, detail);
        return (http.Response, body.ToArray());
    }
}
