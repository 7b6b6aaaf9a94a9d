using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Output;
using Serverless.Registry.Events;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;

namespace Serverless.Cli.Commands;

/// <summary><c>registry repository</c> and <c>registry tag</c>: what clients have no request for.</summary>
internal static class RepositoryCommands
{
    private const int TellEvery = 1000;

    public static Command Repositories(CliApp app) => new("repository", "Whole repositories") { Remove(app) };

    public static Command Tags(CliApp app) => new("tag", "Tags and their history") { History(app), Rollback(app) };

    /// <summary><c>registry undelete</c>: within a grace after a deletion.</summary>
    public static Command Undelete(CliApp app)
    {
        var name = new Argument<RepositoryName>("NAME") { Description = "The repository", CustomParser = CommandInputs.ParseRepository };
        var reference = new Argument<string?>("REFERENCE") { Description = "The tag or digest that was deleted; without it, what could be restored is listed", Arity = ArgumentArity.ZeroOrOne };
        return app.Bind(new Command("undelete", "Undoes the deletion of a manifest with its tags, or of a tag, within the grace after it") { name, reference }, async (context, args, cancellationToken) =>
        {
            var manifests = context.Registry.GetRepository(args.GetValue(name), ChangeOrigin.Of("undelete")).Manifests;
            if (args.GetValue(reference) is not { } text)
            {
                await foreach (var item in manifests.ListDeletedAsync(cancellationToken))
                {
                    await context.Console.Out.WriteLineAsync($"{item.Reference}\t{item.Digest}\t{Listing.Text(item.DeletedAt)}\t{(item.Tags.Count == 0 ? "-" : string.Join(' ', item.Tags))}");
                }

                return ExitCode.Done;
            }

            if (!Reference.TryParse(text, out var deleted)) throw new CliException($"{text} is neither a tag nor a digest.");
            var restored = await manifests.UndeleteAsync(deleted, cancellationToken)
                ?? throw new CliException($"Nothing is remembered of {args.GetValue(name)}, {text}: it was not deleted within the grace.");
            var tags = restored.Tags.Count == 0 ? "no tag" : $"the tags {string.Join(", ", restored.Tags)}";
            await context.Console.SayAsync($"{restored.Descriptor.Digest} is there again, with {tags}.");
            return ExitCode.Done;
        });
    }

    private static Command Remove(CliApp app)
    {
        var name = new Argument<RepositoryName>("NAME") { Description = "The repository", CustomParser = CommandInputs.ParseRepository };
        return app.Bind(new Command("remove", "Deletes all tags and manifests of a repository; its blobs are collected after a grace") { name }, async (context, args, cancellationToken) =>
        {
            var told = 0L;
            var removed = await context.Registry.RemoveAsync(args.GetValue(name), Tell, cancellationToken) ?? throw new CliException($"There is no repository {args.GetValue(name)}.");
            await context.Console.SayAsync(string.Create(CultureInfo.InvariantCulture, $"{removed.Tags} tags and {removed.Manifests} manifests of {args.GetValue(name)} are deleted.") + (removed.Kept == 0
                ? " Whoever pushes its manifests again within the grace need not send the blobs."
                : string.Create(CultureInfo.InvariantCulture, $" {removed.Kept} manifests stay: somebody pushed, tagged or named them meanwhile.")));
            return ExitCode.Done;

            void Tell(RemovalProgress progress)
            {
                if (progress.Tags + progress.Manifests - told < TellEvery) return;
                told = progress.Tags + progress.Manifests;
                context.Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{progress.Tags} tags and {progress.Manifests} manifests deleted so far"));
            }
        });
    }

    private static Command History(CliApp app)
    {
        var image = CommandInputs.Image();
        return app.Bind(new Command("history", "What a tag pointed at, newest first") { image }, async (context, args, cancellationToken) =>
        {
            var (name, tag) = args.GetValue(image);
            await foreach (var move in context.Registry.GetRepository(name).Tags.ListHistoryAsync(tag, cancellationToken))
            {
                await context.Console.Out.WriteLineAsync($"{Listing.Text(move.Time)}\t{move.Target.Digest}\t{move.Actor ?? "-"}");
            }

            return ExitCode.Done;
        });
    }

    private static Command Rollback(CliApp app)
    {
        var image = CommandInputs.Image();
        return app.Bind(new Command("rollback", "Points a tag at what it pointed at before; a deleted tag at what it pointed at last") { image }, async (context, args, cancellationToken) =>
        {
            var (name, tag) = args.GetValue(image);
            var tags = context.Registry.GetRepository(name, ChangeOrigin.Of("rollback")).Tags;
            var before = await tags.RollBackAsync(tag, cancellationToken) ?? throw new CliException($"The history of {name}:{tag} holds nothing else that is still there.");
            await context.Console.SayAsync($"{name}:{tag} points at {before.Target.Digest} again.");
            return ExitCode.Done;
        });
    }
}
