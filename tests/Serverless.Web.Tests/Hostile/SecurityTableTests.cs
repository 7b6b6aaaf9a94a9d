using System.Text.RegularExpressions;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests.Hostile;

/// <summary>docs/security.md says of each attack by which test it is known; here it is seen that these tests are there.</summary>
public sealed partial class SecurityTableTests
{
    private static readonly string s_table = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "security.md"));

    [Fact]
    public void Each_row_names_a_test_that_there_is()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(f => Test().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value))
            .ToHashSet();
        var named = Row().Matches(s_table).Select(m => m.Groups[1].Value).ToList();
        Assert.True(named.Count >= 60, $"{named.Count} rows");
        Assert.All(named, n => Assert.Contains(n, tests));
    }

    [Fact]
    public void What_is_not_defended_is_said() => Assert.Contains("## What is not defended", s_table, StringComparison.Ordinal);

    [GeneratedRegex(@"^\|.*\| `([A-Za-z0-9_]+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"public (?:async )?(?:Task|void) ([A-Za-z0-9_]+)\(")]
    private static partial Regex Test();
}
