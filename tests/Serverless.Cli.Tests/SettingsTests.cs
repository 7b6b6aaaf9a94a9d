using Microsoft.Extensions.Configuration;
using Serverless.Testing;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Cli.Tests;

public sealed class SettingsTests : CliTest
{
    [Fact]
    public async Task The_command_line_wins_over_the_environment()
    {
        Environment["Registry:Auth:Scopes:ops:0"] = "*:pull";
        Environment["Registry:Auth:Scopes:team:0"] = "team/*:pull";
        var run = await RunAsync("scopes", "list", "--set", "Auth:Scopes:ops:0=ops/*:pull", "--set", "Auth:Scopes:more:0=more/*:pull");
        Assert.Equal("more\tmore/*:pull\tconfiguration\nops\tops/*:pull\tconfiguration\nteam\tteam/*:pull\tconfiguration\n", run.Out);
    }

    [Fact]
    public async Task Bad_values_are_named_each()
    {
        Environment["Registry:Redirect:Enabled"] = "perhaps";
        var run = await RunAsync("--set", "Storage:Container=A", "users", "list");
        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Equal(
            """
            The settings cannot be used:
              - Registry:Storage:Container must be 3 to 63 lower-case letters, digits and single hyphens.
              - Registry:Redirect:Enabled must be true or false.

            """,
            run.Error);
    }

    [Fact]
    public async Task Unknown_ones_are_warned_of()
    {
        var run = await RunAsync("--set", "Redirekt:Enabled=true", "users", "list");
        Assert.Equal(new CliRun(ExitCode.Done, "", "Warning: The setting Registry:Redirekt:Enabled is unknown and has no effect.\n"), run);
    }

    [Fact]
    public async Task A_setting_without_a_value_is_bad_usage_and_not_repeated()
    {
        var run = await RunAsync("users", "list", "--set", "AccountKey:secret");
        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.DoesNotContain("secret", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("users")]
    [InlineData("users", "make", "alice")]
    [InlineData("users", "add")]
    [InlineData("users", "add", "alice", "secret")]
    [InlineData("users", "list", "--password", "secret")]
    [InlineData("@file")]
    public async Task What_is_no_command_is_bad_usage_and_touches_no_storage(params string[] args)
    {
        var run = await RunWithInputAsync(Password, args);
        Assert.Equal((ExitCode.Usage, ""), (run.Code, run.Out));
        Assert.EndsWith("The option --help shows how it is used.\n", run.Error, StringComparison.Ordinal);
        Assert.Empty(Probe.Calls);
    }

    [Fact]
    public async Task Help_is_data_and_needs_no_storage()
    {
        var run = await RunAsync("users", "add", "--help");
        Assert.Equal((ExitCode.Done, ""), (run.Code, run.Error));
        Assert.Contains("--scope <MAP>", run.Out, StringComparison.Ordinal);
        Assert.Empty(Probe.Calls);
    }

    [Fact]
    public async Task Storage_that_does_not_answer_is_said_in_one_line()
    {
        Probe.FailAt(0, StorageFault.Unavailable);
        Assert.Equal(new CliRun(ExitCode.Refused, "", "Simulated: storage is busy.\n"), await RunAsync("users", "list"));
    }

    [Fact]
    public async Task A_registry_in_memory_cannot_be_reached() =>
        Assert.Contains("in memory", (await Assert.ThrowsAsync<SettingsException>(() => OpenAsync("Storage:InMemory", "true"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_connection_string_that_cannot_be_read_is_a_setting_that_cannot_be_used() =>
        await Assert.ThrowsAsync<SettingsException>(() => OpenAsync("Storage:ConnectionString", "nonsense"));

    [Fact]
    public async Task A_folder_that_is_named_is_made_for_its_owner_alone()
    {
        using var parent = new LocalFolder();
        var folder = Path.Combine(parent.Path, "images");
        using (await OpenAsync("Storage:Path", folder)) Assert.True(File.Exists(Path.Combine(folder, "registry.db")));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    private async Task<RegistryStores> OpenAsync(string key, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Registry:" + key, value)]).Build();
        var console = new CliConsole(TextReader.Null, TextWriter.Null, TextWriter.Null, false, false, () => default);
        return await CliStores.OpenAsync(RegistrySettings.Read(new SettingsReader(configuration)), console, Time, CancellationToken.None);
    }
}
