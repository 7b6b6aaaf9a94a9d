using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests;

public sealed class ArchitectureTests
{
    // From top to bottom: the picture in docs/design.md.
    private static readonly string[] s_floors =
    [
        ".",
        "Mirrors  Adoption  Imports",
        "GarbageCollection  Retention  Verification  Health  Scheduling  Backup  Copying  Moving",
        "Delivery",
        "Manifests",
        "Tags",
        "Blobs",
        "Core",
        "Rows  Accounts  Events",
        "Storage",
        "Access",
        "Oci",
    ];

    [Fact]
    public void The_registry_knows_neither_http_nor_azure()
    {
        var references = typeof(ContainerRegistry).Assembly.GetReferencedAssemblies().Select(a => a.Name!).ToList();
        Assert.NotEmpty(references);
        Assert.All(references, name => Assert.True(name.StartsWith("System.", StringComparison.Ordinal) && !name.StartsWith("System.Net", StringComparison.Ordinal), name));
    }

    [Fact]
    public void A_folder_refers_only_to_folders_below_it() =>
        Assert.Empty(Floors.Violations(typeof(ContainerRegistry).Assembly, "Serverless.Registry", s_floors));
}
