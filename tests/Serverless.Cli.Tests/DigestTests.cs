using Xunit;

namespace Serverless.Cli.Tests;

/// <summary><c>registry digest</c>, and what else distribution's command lines have.</summary>
public sealed class DigestTests : CliTest, IDisposable
{
    private const string Sha256OfAbc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    private const string Sha512OfAbc = "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Files_have_a_line_each_and_one_that_cannot_be_read_ends_with_1()
    {
        var (file, none) = (Path.Combine(_folder, "file"), Path.Combine(_folder, "none"));
        await File.WriteAllTextAsync(file, "abc");
        Assert.Equal(new CliRun(0, $"{Sha256OfAbc}\t{file}\n", ""), await RunAsync("digest", file));
        Assert.Equal($"{Sha512OfAbc}\t{file}\n", (await RunAsync("digest", "-a", "sha512", file)).Out);
        var run = await RunAsync("digest", none, file);
        Assert.Equal((1, $"{Sha256OfAbc}\t{file}\n"), (run.Code, run.Out));
        Assert.StartsWith(none + ": ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("digest")]
    [InlineData("digest", "-")]
    public async Task Without_a_file_it_is_standard_input(params string[] args) =>
        Assert.Equal(new CliRun(0, $"{Sha256OfAbc}\t-\n", ""), await RunWithInputAsync("abc", args));

    [Fact]
    public async Task It_needs_no_settings()
    {
        Environment["Registry:Storage:Container"] = "-";
        Assert.Equal(0, (await RunWithInputAsync("abc", "digest")).Code);
        Assert.Equal(2, (await RunAsync("gc")).Code);
    }

    [Fact]
    public async Task An_unknown_algorithm_is_refused() => Assert.Equal(2, (await RunAsync("digest", "-a", "md5")).Code);

    [Fact]
    public async Task Garbage_is_collected_by_the_command_line_of_distribution()
    {
        var run = await RunAsync("garbage-collect", "--dry-run", "--delete-untagged=true", "--quiet", "/etc/distribution/config.yml");
        Assert.Equal((0, ""), (run.Code, run.Out));
        Assert.Contains("Warning: /etc/distribution/config.yml is not read", run.Error, StringComparison.Ordinal);
        Assert.Contains("0 repositories were looked at", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Warning", (await RunAsync("garbage-collect", "-d", "-m", "-q")).Error, StringComparison.Ordinal);
    }
}
