using System.Reflection;
using Serverless.Testing;
using Serverless.Web.Hosting;
using Xunit;

namespace Serverless.Web.Tests;

public sealed class ArchitectureTests
{
    // From top to bottom: the picture in docs/design.md.
    private static readonly string[] s_floors =
    [
        "Hosting",
        "Pipeline  Maintenance",
        "Endpoints",
        "Mirrors  Imports",
        "Auth  Events  Remotes",
        "Http  Telemetry  Outbound",
        "Routing  Settings",
    ];

    // The folders of Auth: what the ways to sign in share lies below them.
    private static readonly string[] s_authFloors =
    [
        "Tokens",
        "Federation  Basic",
        "Jwt  Passwords",
        ".",
    ];

    private static readonly Assembly s_web = typeof(RegistryServices).Assembly;

    [Fact]
    public void A_folder_refers_only_to_folders_below_it() => Assert.Empty(Floors.Violations(s_web, "Serverless.Web", s_floors));

    [Fact]
    public void So_does_a_folder_of_Auth() => Assert.Empty(Floors.Violations(s_web, "Serverless.Web.Auth", s_authFloors));

    [Fact]
    public void No_executable_is_referred_to() =>
        Assert.DoesNotContain(s_web.GetReferencedAssemblies(), a => a.Name is "Serverless.Functions" or "Serverless.Server" or "registry");

    // An app on Azure Functions would carry SQLite along and never use it.
    [Fact]
    public void Storage_on_this_machine_is_a_matter_of_the_executables() => Assert.DoesNotContain(s_web.GetReferencedAssemblies(), a => a.Name is "Serverless.LocalStorage");

    [Fact]
    public void Nobody_is_put_together_of_more_than_five_things()
    {
        var types = s_web.GetTypes().Where(t => t.Namespace?.StartsWith("Serverless.Web", StringComparison.Ordinal) == true && !t.Name.StartsWith("__", StringComparison.Ordinal));
        var constructors = types.SelectMany(t => t.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance));
        Assert.All(constructors, c => Assert.True(c.GetParameters().Length <= 5, $"{c.DeclaringType} is made of {c.GetParameters().Length} things"));
    }

    [Fact]
    public void A_method_that_adds_services_fits_on_a_screen()
    {
        var files = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "src", "Serverless.Web"), "*Services.cs", SearchOption.AllDirectories).ToList();
        Assert.True(files.Count >= 10, $"{files.Count} files");
        Assert.All(files, file => Assert.All(Methods(File.ReadAllLines(file)), m => Assert.True(m.Lines <= 40, $"{Path.GetFileName(file)}: {m.Head.Trim()} has {m.Lines} lines")));
    }

    // From a line that declares a method to the one that closes its block, or ends its expression.
    private static IEnumerable<(string Head, int Lines)> Methods(string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            var indent = lines[i].Length - lines[i].TrimStart().Length;
            if (!lines[i].TrimStart().StartsWith("public ", StringComparison.Ordinal) && !lines[i].TrimStart().StartsWith("private ", StringComparison.Ordinal)) continue;
            if (!lines[i].Contains('(', StringComparison.Ordinal)) continue;
            var end = Array.FindIndex(lines, i, l => l == new string(' ', indent) + "}" || l.EndsWith(';') && l.Length - l.TrimStart().Length <= indent + 4 && !lines[i + 1].TrimStart().StartsWith('{'));
            if (end > i) yield return (lines[i], end - i + 1);
        }
    }
}
