using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>The emulation is strict: what the host would not run, or only by luck, it refuses.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly AppFolder _app = new();

    public void Dispose() => _app.Dispose();

    [Fact]
    public Task A_worker_that_ends_at_once() => AssertRefusedAsync("with code 7: here it ends");

    [Theory]
    [InlineData("/nowhere/dotnet", "worker.sh", "cannot be started")]
    [InlineData("{WorkerRoot}Worker", "worker.sh", "There is no")]
    [InlineData("/bin/sh", "missing.dll", "There is no")]
    public Task A_worker_that_cannot_be_started(string executable, string worker, string expected)
    {
        _app.WriteWorkerConfig(executable, worker);
        return AssertRefusedAsync(expected);
    }

    [Fact]
    public Task A_worker_of_another_language()
    {
        _app.WriteWorkerConfig(language: "node");
        return AssertRefusedAsync("dotnet-isolated");
    }

    [Fact]
    public Task A_worker_that_does_not_tell_its_functions()
    {
        _app.WriteWorkerConfig(indexing: "false");
        return AssertRefusedAsync("workerIndexing");
    }

    [Theory]
    [InlineData("host.json")]
    [InlineData("functions.metadata")]
    [InlineData("worker.config.json")]
    [InlineData("extensions.json")]
    [InlineData(".azurefunctions/Loader.dll")]
    public Task A_folder_in_which_something_is_missing(string file)
    {
        _app.Delete(file);
        return AssertRefusedAsync(Path.GetFileName(file));
    }

    [Fact]
    public Task A_package_that_has_lost_what_is_hidden()
    {
        Directory.Delete(Path.Combine(_app.FullPath, ".azurefunctions"), recursive: true);
        return AssertRefusedAsync("hidden folders");
    }

    [Theory]
    [InlineData("v2")]
    [InlineData("v2/")]
    [InlineData("V2")]
    public Task Two_functions_of_one_route(string route)
    {
        _app.AddHttp("Other", route);
        return AssertRefusedAsync("the same route");
    }

    [Theory]
    [InlineData("admin/keys")]
    [InlineData("Runtime/{*path}")]
    public Task A_route_that_is_the_hosts_own(string route)
    {
        _app.AddHttp("Other", route);
        return AssertRefusedAsync("the host's own");
    }

    [Theory]
    [InlineData("a/{x:regexx(a)}")]
    [InlineData("a/{x")]
    [InlineData("{*x}/a")]
    public Task A_route_that_cannot_be_read(string route)
    {
        _app.AddHttp("Other", route);
        return AssertRefusedAsync("Other");
    }

    [Fact]
    public Task A_function_without_methods()
    {
        _app.AddHttp("Other", "other", methods: "");
        return AssertRefusedAsync("methods must be listed");
    }

    [Fact]
    public Task A_function_that_asks_for_a_key()
    {
        _app.AddHttp("Other", "other", level: "function");
        return AssertRefusedAsync("not anonymous");
    }

    [Fact]
    public Task A_function_without_an_output()
    {
        _app.AddHttp("Other", "other", output: "");
        return AssertRefusedAsync("one HTTP output");
    }

    [Fact]
    public Task A_trigger_that_needs_more_than_this()
    {
        _app.Add("Other", """{"type":"blobTrigger","direction":"In","name":"content"}""");
        return AssertRefusedAsync("blobTrigger");
    }

    [Fact]
    public Task Functions_of_one_name()
    {
        _app.AddHttp("ping", "other");
        return AssertRefusedAsync("twice");
    }

    [Theory]
    [InlineData("%Schedule%", "there is no app setting 'Schedule'")]
    [InlineData("%Collect__Schedule%", "A name with '__' never resolves")]
    [InlineData("0 7 * * *", "six fields")]
    [InlineData("0 0 25 * * *", "six fields")]
    public Task A_timer_without_a_schedule(string schedule, string expected)
    {
        _app.AddTimer("Collect", schedule);
        return AssertRefusedAsync(expected, ("Collect__Schedule", "0 0 7 * * *"));
    }

    [Fact]
    public Task But_not_a_schedule_whose_name_has_colons()
    {
        _app.AddTimer("Collect", "%Collect:Schedule%");
        return AssertRefusedAsync("here it ends", ("Collect__Schedule", "0 0 7 * * *"));
    }

    [Theory]
    [InlineData("AzureFunctionsJobHost__extensions__http__routePrefix")]
    [InlineData("AzureFunctionsJobHost:extensions:http:routePrefix")]
    public Task A_route_prefix_that_the_worker_does_not_see(string setting) => AssertRefusedAsync("reads the prefix from host.json only", (setting, "team"));

    [Theory]
    [InlineData("{}", "2.0")]
    [InlineData("{", "cannot be read")]
    [InlineData("""{"version":"2.0","functionTimeout":"soon"}""", "functionTimeout")]
    [InlineData("""{"version":"2.0","functionAppScaleLimit":1}""", "functionAppScaleLimit")]
    public Task A_host_file_that_it_cannot_go_by(string content, string expected)
    {
        _app.Write("host.json", content);
        return AssertRefusedAsync(expected);
    }

    private async Task AssertRefusedAsync(string expected, params (string Name, string Value)[] settings) =>
        Assert.Contains(expected, (await Assert.ThrowsAsync<HostRefusesException>(() => _app.StartAsync(settings))).Message, StringComparison.Ordinal);
}
