using System.Reflection;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Serverless.Testing.Skipping;

/// <summary>
/// Runs tests as xunit does, save those whose fixtures need what this machine lacks: they are reported as skipped, with the reason, and their fixtures are not made. xunit itself can skip
/// only what is known when the test is compiled.
/// </summary>
public sealed class SkippingFramework(IMessageSink messages) : XunitTestFramework(messages)
{
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) => new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(AssemblyName assembly, ISourceInformationProvider sources, IMessageSink diagnostics) : XunitTestFrameworkExecutor(assembly, sources, diagnostics)
    {
        protected override async void RunTestCases(IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions)
        {
            using var runner = new AssemblyRunner(TestAssembly, testCases, DiagnosticMessageSink, executionMessageSink, executionOptions);
            await runner.RunAsync();
        }
    }

    private sealed class AssemblyRunner(
        ITestAssembly assembly, IEnumerable<IXunitTestCase> testCases, IMessageSink diagnostics, IMessageSink execution, ITestFrameworkExecutionOptions options)
        : XunitTestAssemblyRunner(assembly, testCases, diagnostics, execution, options)
    {
        protected override async Task<RunSummary> RunTestCollectionAsync(
            IMessageBus messageBus, ITestCollection testCollection, IEnumerable<IXunitTestCase> testCases, CancellationTokenSource cancellationTokenSource)
        {
            var cases = testCases.ToLookup(testCase => NeedsAzurite(testCollection, testCase));
            if (!cases[true].Any() || await AzuriteSearch.ObstacleAsync() is not { } obstacle)
            {
                return await base.RunTestCollectionAsync(messageBus, testCollection, testCases, cancellationTokenSource);
            }

            var summary = new RunSummary();
            if (cases[false].Any()) summary = await base.RunTestCollectionAsync(messageBus, testCollection, cases[false], cancellationTokenSource);
            foreach (var testCase in cases[true])
            {
                summary.Aggregate(await new XunitTestCaseRunner(
                    testCase, testCase.DisplayName, obstacle, [], testCase.TestMethodArguments, messageBus, new ExceptionAggregator(), cancellationTokenSource).RunAsync());
            }

            return summary;
        }

        private static bool NeedsAzurite(ITestCollection collection, IXunitTestCase testCase) =>
            HasFixture(collection.CollectionDefinition, typeof(ICollectionFixture<>)) || HasFixture(testCase.TestMethod.TestClass.Class, typeof(IClassFixture<>));

        private static bool HasFixture(ITypeInfo? type, Type kind) => type is not null && type.ToRuntimeType().GetInterfaces().Any(
            i => i.IsGenericType && i.GetGenericTypeDefinition() == kind && i.GenericTypeArguments[0].IsAssignableTo(typeof(INeedsAzurite)));
    }
}
