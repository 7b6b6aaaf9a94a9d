using Serverless.Registry.Adoption;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Adoption;

/// <summary>How many calls to storage an adoption makes.</summary>
public sealed class AdoptionCostTests : AdoptionTest
{
    public AdoptionCostTests()
        : base(new TestRegistry())
    {
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(50, false)]
    public async Task It_is_bounded_for_each_image_and_nothing_is_listed_for_each_repository(int repositories, bool again)
    {
        const int Images = 100;
        for (var i = 0; i < Images; i++) await There.PutImageAsync($"team/app{i % repositories}", $"{i}", [Base], $"v{i}");
        Rest();
        if (again) await AdoptAsync();
        var probe = new StorageProbe();
        var (tables, objects) = probe.Watch((Test.Tables, Test.Objects));
        var progress = new AdoptProgress();
        await new ContainerRegistry(tables, objects, Test.Options, Test.Time).Adoption.RunAsync(Options(), progress, null, null, default);
        Assert.Equal(again ? 0L : Images, progress.Manifests);
        Assert.Equal(again ? 2L * Images : 0, progress.Present);
        // An image of two blobs with a tag. What is here costs a row for the manifest, and for the tag a row and an object.
        Assert.InRange((double)probe.Calls.Count / Images, 2, again ? 3.5 : 23);
        Assert.InRange(probe.Calls.Count(c => c == "list"), 1, 5);
    }
}
