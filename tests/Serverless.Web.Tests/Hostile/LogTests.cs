using System.Net;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests.Hostile;

/// <summary>What a request may put into the log: no secret of anybody, and no line of its own.</summary>
public abstract class LogTests(IStorageKind storage) : RegistryTest(storage)
{
    protected override string[] Settings => ["Uploads:Secret=a-secret-of-the-operator-0123456789"];

    [Fact]
    public async Task No_secret_is_logged_however_much_is_logged()
    {
        var logs = Registry.CaptureLogs();
        var digest = await Registry.PushBlobAsync("app", [1, 2, 3]);
        var location = await Registry.StartUploadAsync("app");
        (string, string)[] credentials = [("Authorization", "Basic czpvcGVuc2VzYW1l"), ("Cookie", "session=opensesame")];
        using var redirect = await Registry.SendAsync("GET", $"/v2/app/blobs/{digest}", null, null, credentials);
        using var chunk = await Registry.SendAsync("PATCH", location, [1], null, credentials);
        using var refused = await Registry.SendAsync("PUT", $"{location}&digest=x&password=opensesame", [1], null, credentials);
        foreach (var fault in (StorageFault[])[StorageFault.Unavailable, StorageFault.CrashBefore])
        {
            Registry.Probe.Reset();
            Registry.Probe.FailAt(0, fault);
            using var failed = await Registry.SendAsync("GET", $"/v2/app/blobs/{digest}?password=opensesame", null, null, credentials);
            Assert.True((int)failed.StatusCode >= 500);
        }

        var all = string.Join('\n', logs);
        Assert.Contains($"/v2/app/blobs/{digest}", all, StringComparison.Ordinal);
        var signature = redirect.Headers.Location!.Query.Split("sig=")[1].Split('&')[0];
        var state = location.Split("_state=")[1];
        foreach (var secret in (string[])["sig=", signature, state, "opensesame", "czpvcGVuc2VzYW1l", "a-secret-of-the-operator"])
        {
            Assert.DoesNotContain(secret, all, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData("v1%0afail:%20forged")]
    [InlineData("v1%0d%0afail:%20forged")]
    [InlineData("v1%1b[2Jforged")]
    [InlineData("v1%e2%80%a8forged")]
    [InlineData("v1%c2%85forged")]
    public async Task A_path_is_one_escaped_line_in_the_log(string tag)
    {
        var logs = Registry.CaptureLogs();
        // Deletions ask for the switches before anything else, so this path gets as far as storage, which fails.
        Registry.Probe.FailAt(0, StorageFault.Unavailable);
        await ExpectAsync(Registry.SendAsync("DELETE", $"/v2/app/manifests/{tag}"), HttpStatusCode.ServiceUnavailable);
        var line = Assert.Single(logs, l => l.Contains("storage is not available", StringComparison.Ordinal));
        Assert.Contains("forged", line, StringComparison.Ordinal);
        Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u2029');
    }
}

public sealed class LogTestsInMemory(InMemoryStorage storage) : LogTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class LogTestsOnAzurite(AzuriteStorage storage) : LogTests(storage);
