using System.Net;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>An htpasswd file that cannot be read, wholly or in part.</summary>
public sealed class HtpasswdOutageTests(InMemoryStorage storage) : AuthTest(storage), IClassFixture<InMemoryStorage>
{
    private static readonly string s_line = "alice:" + BCrypt.Net.BCrypt.HashPassword(Password, 4).Replace("$2a$", "$2y$", StringComparison.Ordinal) + "\n";

    [Fact]
    public async Task Users_that_were_read_stay_while_storage_does_not_answer()
    {
        await Registry.Stores.Objects.PutAsync("config/htpasswd", new(System.Text.Encoding.UTF8.GetBytes(s_line)), default);
        await using var registry = await RegistryServer.StartAsync(Registry.Stores, Time, "Auth:Mode=basic", "Auth:Basic:HtpasswdObject=config/htpasswd");
        await ExpectAsync(registry.SendAsync("GET", "/v2/", headers: Basic("alice", Password)), HttpStatusCode.OK);
        Time.Advance(TimeSpan.FromSeconds(5));
        registry.Probe.Reset();
        registry.Probe.FailAt(0, StorageFault.Unavailable);
        await ExpectAsync(registry.SendAsync("GET", "/v2/", headers: Basic("alice", Password)), HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_file_that_is_not_there_yet_is_no_failure_of_the_registry()
    {
        await using var registry = await RegistryServer.StartAsync(Registry.Stores, Time, "Auth:Mode=basic", "Auth:Basic:HtpasswdObject=config/htpasswd");
        using var answer = await registry.SendAsync("GET", "/v2/", headers: Basic("alice", Password));
        Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
    }

    [Fact]
    public async Task A_line_with_a_broken_hash_has_no_effect()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, s_line + "broken:$2y$04$" + new string('!', 53) + "\ncost:$2y$99$" + new string('a', 53) + "\n");
        await using var registry = await RegistryServer.StartAsync(Registry.Stores, Time, "Auth:Mode=basic", "Auth:Basic:HtpasswdPath=" + file);
        await ExpectAsync(registry.SendAsync("GET", "/v2/", headers: Basic("alice", Password)), HttpStatusCode.OK);
        foreach (var user in (string[])["broken", "cost"]) await ExpectAsync(registry.SendAsync("GET", "/v2/", headers: Basic(user, Password)), HttpStatusCode.Unauthorized);
        File.Delete(file);
    }
}
