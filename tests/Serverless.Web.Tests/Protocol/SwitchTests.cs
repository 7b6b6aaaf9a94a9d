using System.Net;
using Serverless.Registry;
using Serverless.Registry.Core;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

/// <summary>Read-only mode and the delete switch, from the settings and at run time.</summary>
public abstract class SwitchTests(IStorageKind storage) : RegistryTest(storage)
{
    private const string None = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    public static TheoryData<string, string> Deletions => new() { { "DELETE", "/v2/app/manifests/v1" }, { "DELETE", "/v2/app/manifests/" + None }, { "DELETE", "/v2/app/blobs/" + None } };

    public static TheoryData<string, string> Writes => new()
    {
        { "DELETE", "/v2/app/manifests/v1" },
        { "DELETE", "/v2/app/manifests/" + None },
        { "DELETE", "/v2/app/blobs/" + None },
        { "PUT", "/v2/app/manifests/v1" },
        { "POST", "/v2/app/blobs/uploads/" },
        { "POST", "/v2/app/blobs/uploads/?digest=" + None },
        { "POST", "/v2/app/blobs/uploads/?mount=" + None + "&from=base" },
        { "PATCH", "/v2/app/blobs/uploads/00000000000000000000000000000000" },
        { "PUT", "/v2/app/blobs/uploads/00000000000000000000000000000000?digest=" + None },
        { "DELETE", "/v2/app/blobs/uploads/00000000000000000000000000000000" },
    };

    [Theory]
    [MemberData(nameof(Deletions))]
    public async Task With_deleting_switched_off_every_deletion_is_unsupported(string method, string path)
    {
        await using var registry = await StartAnotherAsync("Delete:Enabled=false");
        await ExpectAsync(registry.SendAsync(method, path), HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        await registry.PushBlobAsync("app", [1]);
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task In_read_only_mode_every_write_is_unsupported(string method, string path)
    {
        await using var registry = await StartAnotherAsync("ReadOnly=true");
        await ExpectAsync(registry.SendAsync(method, path, [1]), HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        Assert.Empty(await SnapshotAsync());
    }

    [Fact]
    public async Task In_read_only_mode_what_is_there_can_be_read()
    {
        var digest = await Registry.PushBlobAsync("app", [1]);
        await using var registry = await StartAnotherAsync("ReadOnly=true");
        await ExpectAsync(registry.SendAsync("HEAD", $"/v2/app/blobs/{digest}"), HttpStatusCode.OK);
        await ExpectAsync(registry.SendAsync("GET", "/v2/_catalog"), HttpStatusCode.OK);
    }

    [Fact]
    public async Task In_read_only_mode_a_look_at_an_old_blob_writes_nothing()
    {
        var digest = await Registry.PushBlobAsync("app", [1]);
        await using var registry = await StartAnotherAsync("ReadOnly=true");
        // The app's clock alone is moved: to it the link is old, whatever clock storage has.
        Time.Advance(TimeSpan.FromHours(23));
        await ExpectAsync(registry.SendAsync("HEAD", $"/v2/app/blobs/{digest}"), HttpStatusCode.OK);
        Assert.DoesNotContain(registry.Probe.Calls, call => call.StartsWith("write", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_instance_follows_a_switch_within_seconds()
    {
        await using var other = await StartAnotherAsync();
        await other.PushBlobAsync("app", [1]);
        var operators = new ContainerRegistry(Registry.Stores.Tables, Registry.Stores.Objects, new RegistryOptions(), Time);
        await operators.Switches.SetAsync(new SwitchState(ReadOnly: true), default);
        Time.Advance(TimeSpan.FromSeconds(6));
        await ExpectAsync(other.SendAsync("POST", "/v2/app/blobs/uploads/"), HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        await operators.Switches.SetAsync(new SwitchState(DeleteEnabled: false), default);
        Time.Advance(TimeSpan.FromSeconds(6));
        await ExpectAsync(other.SendAsync("POST", "/v2/app/blobs/uploads/"), HttpStatusCode.Accepted);
        await ExpectAsync(other.SendAsync("DELETE", "/v2/app/manifests/v1"), HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        await operators.Switches.ResetAsync(default);
        Time.Advance(TimeSpan.FromSeconds(6));
        await ExpectAsync(other.SendAsync("DELETE", "/v2/app/manifests/v1"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }
}

public sealed class SwitchTestsInMemory(InMemoryStorage storage) : SwitchTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class SwitchTestsOnAzurite(AzuriteStorage storage) : SwitchTests(storage);
