using Serverless.Registry.Repositories;
using Xunit;

namespace Serverless.Registry.Tests;

public sealed class ArchitectureTests
{
    [Fact]
    public void The_registry_knows_neither_http_nor_azure()
    {
        var references = typeof(ContainerRegistry).Assembly.GetReferencedAssemblies().Select(a => a.Name!).ToList();
        Assert.NotEmpty(references);
        Assert.All(references, name => Assert.True(name.StartsWith("System.", StringComparison.Ordinal) && !name.StartsWith("System.Net", StringComparison.Ordinal), name));
    }
}
