using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Core;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests.Core;

public sealed class RegistryOptionsTests
{
    private static readonly RegistryOptions s_default = new();

    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(s_default.Validate());

    public static TheoryData<string, RegistryOptions> Wrong => new()
    {
        { "UploadLifetime", s_default with { UploadLifetime = TimeSpan.Zero } },
        { "LongestRequest", s_default with { LongestRequest = TimeSpan.Zero } },
        { "(15:00:00) must be at least UploadLifetime (12:00:00) and LongestRequest (04:00:00) together", s_default with { Grace = TimeSpan.FromHours(15) } },
        { "AnnouncementMemory", s_default with { UploadLifetime = TimeSpan.FromMinutes(1), LongestRequest = TimeSpan.FromMinutes(5), Grace = TimeSpan.FromMinutes(14) } },
        { "BlockSize", s_default with { BlockSize = (64 * 1024) - 1 } },
        { "BlockSize", s_default with { BlockSize = (64 * 1024 * 1024) + 1 } },
        { "UploadMemory (16777215) must be at least BlockSize (16777216)", s_default with { UploadMemory = (16 << 20) - 1, BlockSize = 16 << 20 } },
        { "UploadMemory (16777215) must be at least 4 times MaxManifestSize (4194304)", s_default with { UploadMemory = (16 << 20) - 1 } },
        { "MaxManifestSize", s_default with { MaxManifestSize = 1000 } },
        { "MaxManifestSize", s_default with { MaxManifestSize = (16 * 1024 * 1024) + 1 } },
        { "MaxTagsPerManifest", s_default with { MaxTagsPerManifest = 0 } },
        { "MaxTagsPerManifest", s_default with { MaxTagsPerManifest = 51 } },
        { "UploadSecret", s_default with { UploadSecret = new byte[31] } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_choice_is_named_and_refused(string words, RegistryOptions options)
    {
        Assert.Contains(options.Validate(), w => w.Contains(words, StringComparison.Ordinal));
        var time = new FakeTimeProvider();
        Assert.Throws<ArgumentException>(() => new ContainerRegistry(new InMemoryTableStore(time), new InMemoryObjectStore(time), options, time));
    }
}
