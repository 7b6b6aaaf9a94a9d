using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Serverless.Functions.Hosting;
using Serverless.Testing;
using Xunit;

namespace Serverless.Functions.Tests.Hosting;

/// <summary>What the Functions host reads says what the app does: host.json, each function.json, and the settings that they refer to.</summary>
public sealed partial class FunctionDriftTests : IDisposable
{
    private const string Functions = "src/Serverless.Functions/Functions";
    private const string Sample = "local.settings.sample.json";
    private const string Host = "host.json";

    private readonly string _copy = Directory.CreateTempSubdirectory("drift-").FullName;

    public void Dispose() => Directory.Delete(_copy, recursive: true);

    [Fact]
    public void There_is_none() => Assert.Empty(Drift(SourceTree.Root));

    [Theory]
    [InlineData("a route", Functions + "/Tags/function.json", "/tags/list", "/tags/all")]
    [InlineData("a method", Functions + "/Blobs/function.json", "\"patch\"", "\"options\"")]
    [InlineData("who may call", Functions + "/Catalog/function.json", "anonymous", "function")]
    [InlineData("a timer's schedule", Functions + "/Verify/function.json", "Timers__Verify", "Timers__Verification")]
    [InlineData("a schedule that is set", Sample, "Timers__Verify__Schedule", "Timers__Verify__Scedule")]
    [InlineData("a setting of the sample", Sample, "Redirect__Enabled", "Redirects__Enabled")]
    [InlineData("the prefix of routes", Host, "\"routePrefix\": \"\"", "\"routePrefix\": \"api\"")]
    [InlineData("the time that a timer has", Host, "00:30:00", "00:10:00")]
    [InlineData("how requests come", Host, "enableProxyingHttpRequest", "enableForwardingHttpRequest")]
    public void A_change_on_one_side_only_is_found(string what, string file, string text, string other)
    {
        Copy();
        var path = Path.Combine(_copy, file);
        var content = File.ReadAllText(path);
        Assert.Contains(text, content, StringComparison.Ordinal);
        File.WriteAllText(path, content.Replace(text, other, StringComparison.Ordinal));
        Assert.True(Drift(_copy).Count > 0, $"{what} was changed unnoticed");
    }

    [Fact]
    public void A_function_that_is_only_in_the_table_is_found()
    {
        Copy();
        Directory.Delete(Path.Combine(_copy, Functions, "PurgeUploads"), recursive: true);
        Assert.Contains("PurgeUploads", Assert.Single(Drift(_copy)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_that_is_only_a_file_is_found()
    {
        Copy();
        var folder = Directory.CreateDirectory(Path.Combine(_copy, Functions, "Delete"));
        File.Copy(Path.Combine(_copy, Functions, "Ping/function.json"), Path.Combine(folder.FullName, "function.json"));
        Assert.Contains("Delete", Assert.Single(Drift(_copy)), StringComparison.Ordinal);
    }

    private static List<string> Drift(string root)
    {
        List<string> drift = [];
        var files = Directory.GetFiles(Path.Combine(root, Functions), "function.json", SearchOption.AllDirectories)
            .ToDictionary(f => Path.GetFileName(Path.GetDirectoryName(f)!), f => File.ReadAllText(f).ReplaceLineEndings("\n"));
        drift.AddRange(FunctionTable.All.Keys.Except(files.Keys).Select(name => $"{name} has no file"));
        drift.AddRange(files.Keys.Except(FunctionTable.All.Keys).Select(name => $"{name} is not in the table"));
        drift.AddRange(files.Keys.Intersect(FunctionTable.All.Keys).Where(name => files[name] != FunctionTable.All[name]).Select(name => $"{name} differs"));

        using var sample = JsonDocument.Parse(File.ReadAllText(Path.Combine(root, Sample)));
        var values = sample.RootElement.GetProperty("Values").EnumerateObject().ToDictionary(v => v.Name, v => (string?)v.Value.GetString());
        var referred = files.Values.SelectMany(content => Reference().Matches(content)).Select(m => m.Groups[1].Value);
        drift.AddRange(referred.Where(name => !values.ContainsKey(name)).Select(name => $"{name} is not in the sample"));
        var reader = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key.Replace("__", ":", StringComparison.Ordinal), v.Value))).Build());
        var settings = RegistrySettings.Read(reader);
        drift.AddRange(reader.Unknown().Select(key => $"{key} is no setting"));

        var host = new ConfigurationBuilder().AddJsonFile(Path.Combine(root, Host)).Build();
        if (host["extensions:http:routePrefix"] != settings.Prefix) drift.Add("the prefix of routes is another");
        if (!(TimeSpan.Parse(host["functionTimeout"]!) > settings.Maintenance.TimeLimit)) drift.Add("a timer may take longer than the host lets it");
        if (host["customHandler:enableProxyingHttpRequest"] != "True") drift.Add("requests are not proxied");
        if (host["customHandler:description:defaultExecutablePath"] != typeof(RegistrySettings).Assembly.GetName().Name) drift.Add("the executable is another");
        return drift;
    }

    private void Copy()
    {
        foreach (var file in (IEnumerable<string>)[Host, Sample, .. Directory.GetFiles(Path.Combine(SourceTree.Root, Functions), "*.json", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(SourceTree.Root, f))])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_copy, file))!);
            File.Copy(Path.Combine(SourceTree.Root, file), Path.Combine(_copy, file));
        }
    }

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Reference();
}
