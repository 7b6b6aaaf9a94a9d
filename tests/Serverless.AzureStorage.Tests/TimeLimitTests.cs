using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.AzureStorage.Tests;

/// <summary>Storage that answers late or never. A call ends in time, and says that storage is to blame.</summary>
public sealed class TimeLimitTests
{
    private static readonly RowKey s_row = new("p", "r");
    private static readonly CallLimits s_short = new(TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(0.7));

    // For tests in which something succeeds, on however busy a machine.
    private static readonly CallLimits s_oneTry = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

    // Far more than the limits above, far less than one that is forgotten.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private static readonly Dictionary<string, Func<ITableStore, IObjectStore, CancellationToken, Task>> s_calls = new()
    {
        ["find row"] = (tables, _, token) => tables.FindAsync("t", s_row, token),
        ["query"] = (tables, _, token) => tables.QueryAsync("t", RowQuery.Prefix("p", ""), null, token),
        ["write"] = (tables, _, token) => tables.WriteAsync("t", RowWrite.Note(s_row), token),
        ["batch"] = (tables, _, token) => tables.WriteAsync("t", [RowWrite.Note(s_row)], token),
        ["put"] = (_, objects, token) => objects.PutAsync("o", new ReadOnlySequence<byte>([1]), token),
        ["stage"] = (_, objects, token) => objects.StageBlockAsync("o", "1", new ReadOnlySequence<byte>([1]), token),
        ["commit"] = (_, objects, token) => objects.CommitBlocksAsync("o", ["1"], token),
        ["find object"] = (_, objects, token) => objects.FindAsync("o", token),
        ["open"] = (_, objects, token) => objects.OpenAsync("o", 0, null, token),
        ["delete"] = (_, objects, token) => objects.DeleteAsync("o", null, token),
        ["list"] = (_, objects, token) => objects.ListAsync("o", token).ToListAsync(token).AsTask(),
    };

    public static TheoryData<string> Calls => [.. s_calls.Keys];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_that_is_never_answered_ends_in_time(string call)
    {
        await using var storage = await ScriptedStorage.StartAsync((http, _) => ScriptedStorage.NeverAnswerAsync(http));
        await FailsInTimeAsync(storage, call);
        // On a busy machine the time may be over before the first try is sent.
        Assert.InRange(storage.Calls, 0, 4);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_that_storage_has_no_time_for_ends_in_time(string call)
    {
        await using var storage = await ScriptedStorage.StartAsync((http, _) => UnavailableAsync(http, retryAfter: 60));
        await FailsInTimeAsync(storage, call, s_short with { Call = TimeSpan.FromSeconds(2) });
        Assert.Equal(1, storage.Calls);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_whose_connection_is_cut_ends_in_time(string call)
    {
        await using var storage = await ScriptedStorage.StartAsync((http, _) =>
        {
            http.Abort();
            return Task.CompletedTask;
        });
        await FailsInTimeAsync(storage, call);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_that_its_caller_gives_up_is_cancelled(string call)
    {
        await using var storage = await ScriptedStorage.StartAsync((http, _) => ScriptedStorage.NeverAnswerAsync(http));
        var (tables, objects) = storage.Open(s_short);
        // After the first of its tries.
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(0.4));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => s_calls[call](tables, objects, end.Token).WaitAsync(s_patience));
    }

    [Fact]
    public async Task A_refusal_is_retried_as_often_as_time_allows()
    {
        await using var storage = await ScriptedStorage.StartAsync((http, _) => UnavailableAsync(http));
        var (tables, _) = storage.Open(CallLimits.Default);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => tables.FindAsync("t", s_row, default));
        Assert.Equal(1 + StorageRetryPolicy.MaxRetries, storage.Calls);
    }

    [Fact]
    public async Task A_call_whose_first_try_is_never_answered_succeeds_with_the_next()
    {
        await using var storage = await ScriptedStorage.StartAsync(async (http, call) =>
        {
            if (call == 1) await ScriptedStorage.NeverAnswerAsync(http);
            else http.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        Assert.True((await storage.Open(s_oneTry).Tables.WriteAsync("t", RowWrite.Note(s_row), default)).Done);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_object_that_stops_coming_is_the_fault_of_storage(bool cut)
    {
        await using var storage = await ScriptedStorage.StartAsync(async (http, _) =>
        {
            // The rest, which the client asks for when it has waited in vain.
            if (http.Request.Headers.ContainsKey("x-ms-range")) await ScriptedStorage.NeverAnswerAsync(http);
            http.Response.Headers.ETag = "\"1\"";
            http.Response.Headers.LastModified = DateTimeOffset.UnixEpoch.ToString("r", CultureInfo.InvariantCulture);
            http.Response.ContentLength = 1000;
            await http.Response.Body.WriteAsync(new byte[100]);
            await http.Response.Body.FlushAsync();
            // What was sent must have arrived: a connection that is cut loses what was not read yet.
            await Task.Delay(TimeSpan.FromSeconds(0.3));
            if (cut) http.Abort();
            await ScriptedStorage.NeverAnswerAsync(http);
        });
        await using var stream = await storage.Open(s_oneTry).Objects.OpenAsync("o", 0, null, default);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => stream!.CopyToAsync(Stream.Null).WaitAsync(s_patience));
    }

    [Fact]
    public void A_call_of_the_registry_ends_within_30_seconds_and_is_tried_more_than_once()
    {
        var options = new AzureStorageOptions { ConnectionString = "UseDevelopmentStorage=true" };
        var (tables, objects) = AzureStores.Create(options, TimeProvider.System);
        foreach (var limits in (CallLimits[])[((AzureTableStore)tables).Limits, ((AzureObjectStore)objects).Limits])
        {
            Assert.InRange(limits.OfCall(0), 3 * limits.OfTry(0), TimeSpan.FromSeconds(30));
            // The block of a slow link: 8 MiB at a megabit per second.
            Assert.InRange(limits.OfTry(8 << 20), TimeSpan.FromSeconds(67), TimeSpan.FromSeconds(90));
            Assert.InRange(limits.OfCall(8 << 20), limits.OfTry(8 << 20), TimeSpan.FromSeconds(120));
        }
    }

    private static async Task FailsInTimeAsync(ScriptedStorage storage, string call, CallLimits? limits = null)
    {
        var (tables, objects) = storage.Open(limits ?? s_short);
        var watch = Stopwatch.StartNew();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => s_calls[call](tables, objects, default));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, s_patience);
    }

    private static Task UnavailableAsync(HttpContext http, int? retryAfter = null)
    {
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        if (retryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Task.CompletedTask;
    }
}
