using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.AzureStorage.Tests;

/// <summary>Answers to batches that the emulator does not give.</summary>
public sealed class BatchTests
{
    private static readonly RowWrite[] s_batch = [RowWrite.Note(new("p", "a"))];

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_batch_that_is_refused_inside_its_answer_is_sent_again(int status)
    {
        await using var storage = await ScriptedStorage.StartAsync((http, call) => call <= 2 ? AnswerAsync(http, Refusal(status, "ServerBusy", "0:The server is busy.")) : AnswerAsync(http, Applied));
        Assert.True((await WriteAsync(storage)).Done);
        Assert.Equal(3, storage.Calls);
    }

    [Fact]
    public async Task A_batch_that_is_refused_every_time_is_given_up()
    {
        await using var storage = await ScriptedStorage.StartAsync((http, _) => AnswerAsync(http, Refusal(429, "TooManyRequests", "0:Too many.")));
        var e = await Assert.ThrowsAsync<StorageUnavailableException>(() => WriteAsync(storage));
        Assert.Equal(1 + StorageRetryPolicy.MaxRetries, storage.Calls);
        Assert.IsType<Azure.RequestFailedException>(e.InnerException);
    }

    [Fact]
    public async Task A_pause_that_is_asked_for_inside_an_answer_is_made()
    {
        await using var storage = await ScriptedStorage.StartAsync(
            (http, call) => AnswerAsync(http, call == 1 ? Refusal(503, "ServerBusy", "0:The server is busy.", "Retry-After: 1\r\n") : Applied));
        var watch = Stopwatch.StartNew();
        Assert.True((await WriteAsync(storage)).Done);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.95, 20);
    }

    [Theory]
    [InlineData("1:The specified entity already exists.", 1)]
    [InlineData("The specified entity already exists.", null)]
    [InlineData("x:The specified entity already exists.", null)]
    public async Task The_change_that_failed_is_the_one_that_storage_names(string message, int? failed)
    {
        await using var storage = await ScriptedStorage.StartAsync((http, _) => AnswerAsync(http, Refusal(409, "EntityAlreadyExists", message)));
        Assert.Equal(new BatchResult(WriteOutcome.Exists, failed), await WriteAsync(storage));
        Assert.Equal(1, storage.Calls);
    }

    private static string Applied => Part("204 No Content", "ETag: W/\"datetime'2026-01-01T00%3A00%3A00Z'\"\r\n", "");

    private static string Refusal(int status, string code, string message, string headers = "") => Part(
        $"{status} Refused",
        "Content-Type: application/json;odata=minimalmetadata;streaming=true;charset=utf-8\r\n" + headers,
        "{\"odata.error\":{\"code\":\"" + code + "\",\"message\":{\"lang\":\"en-US\",\"value\":\"" + message + "\\nRequestId:1\\nTime:2026-01-01T00:00:00Z\"}}}");

    // As the service's documentation has it, "Performing entity group transactions".
    private static string Part(string status, string headers, string body) =>
        "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_1\r\n\r\n"
        + "--changesetresponse_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        + $"HTTP/1.1 {status}\r\nDataServiceVersion: 3.0;\r\n{headers}\r\n{body}\r\n"
        + "--changesetresponse_1--\r\n--batchresponse_1--\r\n";

    private static Task AnswerAsync(HttpContext http, string body)
    {
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        http.Response.ContentType = "multipart/mixed; boundary=batchresponse_1";
        return http.Response.WriteAsync(body);
    }

    private static Task<BatchResult> WriteAsync(ScriptedStorage storage) => storage.Open(CallLimits.Default).Tables.WriteAsync("rows", s_batch, default);
}
