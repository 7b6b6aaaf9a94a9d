using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.OpenApi;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Serverless.Web.Endpoints;
using Serverless.Web.Endpoints.Api;
using Serverless.Web.Routing;
using Xunit;

namespace Serverless.Web.Tests.Api;

/// <summary>The description of the API is that of its routes and types. <c>UPDATE_OPENAPI=true</c> writes it anew.</summary>
public sealed class ApiDocumentTests(InMemoryStorage storage) : RegistryTest(storage), IClassFixture<InMemoryStorage>
{
    private static readonly string s_file = Path.Combine(SourceTree.Root, "src", "Serverless.Web", "Endpoints", "Api", "openapi.json");

    [Fact]
    public async Task The_description_is_that_of_the_routes_and_types()
    {
        var made = await MakeAsync();
        if (Environment.GetEnvironmentVariable("UPDATE_OPENAPI") == "true") await File.WriteAllTextAsync(s_file, made);
        Assert.True(await File.ReadAllTextAsync(s_file) == made, $"{s_file} is not that of the API any more: run this test with UPDATE_OPENAPI=true and look at what has changed.");
    }

    [Fact]
    public async Task Every_route_of_the_API_is_described_and_nothing_else()
    {
        // Where nobody signs in there are no accounts.
        await using var registry = await StartAnotherAsync("Auth:Mode=token");
        var endpoints = registry.Services.GetRequiredService<EndpointTable>();
        var routes = typeof(RegistryRoute).GetNestedTypes().Where(type => !type.IsAbstract)
            .Select(type => (RegistryRoute)Activator.CreateInstance(type, [.. type.GetConstructors()[0].GetParameters().Select(p => p.ParameterType == typeof(string) ? "x" : (object)RepositoryName.Parse("a"))])!)
            .Where(RouteFamily.IsApi);
        var known = routes.SelectMany(r => endpoints.Methods(new DefaultHttpContext(), r).Split(", ").Select(m => $"{m} {RouteFamily.Of(r)}"));
        Assert.Equal(ApiOperations.All.Select(o => $"{o.Method} /api/v1/{o.Path}").Order(), known.Order());
    }

    [Fact]
    public async Task It_is_served_as_it_is_kept()
    {
        using var answer = await ExpectAsync(Registry.SendAsync("GET", "/api/v1/openapi.json"), HttpStatusCode.OK);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        var text = await answer.Content.ReadAsStringAsync();
        using var kept = new StreamReader(ApiDocumentEndpoint.Open());
        Assert.Equal(await kept.ReadToEndAsync(), text);
        using var json = JsonDocument.Parse(text);
        Assert.StartsWith("3.1", json.RootElement.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.Equal(ApiOperations.All.Select(o => o.Path).Distinct().Count(), json.RootElement.GetProperty("paths").EnumerateObject().Count());
    }

    [Fact]
    public async Task What_the_API_answers_has_the_members_that_are_described()
    {
        using var answer = await ExpectAsync(
            Registry.SendAsync("POST", "/api/v1/imports", Encoding.UTF8.GetBytes("""{"source":"there.example/app:v1","target":"app","platform":"linux/amd64"}"""), "application/json"), HttpStatusCode.Accepted);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(s_file));
        var described = document.RootElement.GetProperty("components").GetProperty("schemas").GetProperty("ImportDocument").GetProperty("properties").EnumerateObject().Select(p => p.Name).ToHashSet();
        Assert.All(json.RootElement.EnumerateObject(), p => Assert.Contains(p.Name, described));
    }

    private static async Task<string> MakeAsync()
    {
        var services = new ServiceCollection().AddLogging()
            .AddSingleton<IHostEnvironment>(new TestEnvironment())
            .AddSingleton(ApiOperations.Describe())
            .ConfigureHttpJsonOptions(options =>
            {
                options.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
                options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            })
            .AddOpenApi("v1", options =>
            {
                options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
                options.AddOperationTransformer((operation, context, _) =>
                {
                    var described = ApiOperations.All.Single(o => o.Id == operation.OperationId);
                    foreach (var parameter in operation.Parameters ?? []) parameter.Description = described.Parameters.Single(p => p.Name == parameter.Name).Description;
                    return Task.CompletedTask;
                });
                options.AddDocumentTransformer((document, _, _) =>
                {
                    document.Info = new OpenApiInfo { Title = "Registry", Version = "1", Description = "The API for operators of a registry. What it refuses is told as RFC 9457 has it, with a member `code` for programs." };
                    // Relative to where this document is, whatever the registry's address and prefix.
                    document.Servers = [new OpenApiServer { Url = "../v1" }];
                    return Task.CompletedTask;
                });
            });
        await using var provider = services.BuildServiceProvider();
        var made = await provider.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1").GetOpenApiDocumentAsync();
        return await made.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1) + "\n";
    }

    private sealed class TestEnvironment : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "";

        public string ApplicationName { get; set; } = "registry";

        public string ContentRootPath { get; set; } = "";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
